//! The search for an example: attribute by attribute, giving up a branch as soon as the values so far decide it.

use crate::domain::subject::Attributes;
use crate::workflow::rule::{Expression, Truth};

use super::Example;
use super::domain::{Candidate, Domains, Leaf};

/// How many verdicts on single conditions a question may cost: about a tenth of a second.
const VERDICTS: usize = 10_000_000;

/// What is left of the verdicts a question may cost.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(VERDICTS)
    }
}

impl Domains {
    /// Values for which `wanted` holds.
    pub(super) fn example(&self, wanted: &Expression<Leaf>, budget: &mut Budget) -> Example {
        let Some(candidates) = self.candidates() else { return Example::Undecided };
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by_key(|attribute| candidates.get(*attribute).map_or(0, |(_, values)| values.len()));
        let size = wanted.conditions().len();
        let mut search = Search { wanted, candidates: &candidates, chosen: vec![None; candidates.len()], size, budget };
        match search.go(&order) {
            Truth::Yes => Example::Found(search.attributes()),
            Truth::No => Example::Impossible,
            Truth::Unknown => Example::Undecided,
        }
    }
}

struct Search<'s> {
    wanted: &'s Expression<Leaf>,
    candidates: &'s [(&'s str, Vec<Candidate>)],
    chosen: Vec<Option<&'s Candidate>>,
    size: usize,
    budget: &'s mut Budget,
}

impl<'s> Search<'s> {
    /// Whether some choice for the attributes `open` makes it hold; unknown once the budget is spent.
    fn go(&mut self, open: &[usize]) -> Truth {
        let Some(left) = self.budget.0.checked_sub(self.size) else { return Truth::Unknown };
        self.budget.0 = left;
        let verdict = self.wanted.evaluate(&|leaf| self.verdict(*leaf));
        let (Truth::Unknown, Some((attribute, open))) = (verdict, open.split_first()) else {
            // What is unknown of somebody who was read as a whole does not hold.
            return (verdict == Truth::Yes).into();
        };
        let candidates: &'s [(&'s str, Vec<Candidate>)] = self.candidates;
        let mut found = Truth::No;
        for candidate in candidates.get(*attribute).into_iter().flat_map(|(_, values)| values) {
            self.choose(*attribute, Some(candidate));
            found = self.go(open);
            if found != Truth::No {
                return found;
            }
        }
        self.choose(*attribute, None);
        found
    }

    fn choose(&mut self, attribute: usize, candidate: Option<&'s Candidate>) {
        if let Some(chosen) = self.chosen.get_mut(attribute) {
            *chosen = candidate;
        }
    }

    fn verdict(&self, leaf: Leaf) -> Truth {
        match leaf {
            Leaf::Constant(holds) => holds.into(),
            Leaf::Asked { attribute, condition } => {
                let chosen = self.chosen.get(attribute).copied().flatten();
                chosen.and_then(|candidate| candidate.verdicts.get(condition).copied()).unwrap_or(Truth::Unknown)
            }
        }
    }

    fn attributes(&self) -> Attributes {
        let chosen = self.candidates.iter().zip(&self.chosen);
        chosen.filter_map(|((name, _), value)| Some(((*name).to_owned(), (*value)?.value.clone()))).collect()
    }
}
