//! One bad record or document never stops the others (design.md section 3, 9).

use proptest::prelude::*;

use super::{deeds, everything};
use crate::domain::subject::{AttributeValue, HIRE_DATE, LEAVE_DATE};
use crate::plan::tests::any_life::documents::BROKEN;
use crate::plan::tests::any_life::people::key_of;
use crate::plan::tests::any_life::{lives, scripts};
use crate::plan::tests::world::user_of;

proptest! {
    #![proptest_config(lives(40))]

    #[test]
    fn a_bad_record_changes_nothing_for_anybody_else(script in scripts(8), who in 0..12_usize, how in 0..4_u8) {
        let key = key_of(who);
        let accounts = [user_of(&key), user_of(&format!("{key}x"))];
        script.live(|moment| {
            let mut world = moment.world.clone();
            let persons = world.observed.feeds.values_mut().flat_map(|feed| &mut feed.persons);
            for person in persons.filter(|person| person.key.as_str() == key) {
                match how {
                    0 => "Nowhere/Town".clone_into(&mut person.time_zone),
                    1 => person.attributes.clear(),
                    _ => person.attributes.extend([HIRE_DATE, LEAVE_DATE].map(|name| {
                        (name.to_owned(), AttributeValue::Text("31.02.".to_owned()))
                    })),
                }
            }
            if how == 3 {
                // A second account with the same employee id.
                let mut other = world.observed.users.iter().find(|user| user.id == accounts[0]).cloned();
                other.iter_mut().for_each(|user| user.id = accounts[1].clone());
                world.observed.users.extend(other);
            }
            let of_others = |action: &crate::domain::action::Action| !accounts.contains(&action.user);
            prop_assert_eq!(deeds(&world.plan(), of_others), deeds(moment.plan, of_others));
            Ok(())
        })?;
    }

    #[test]
    fn a_document_that_cannot_work_changes_nothing_for_the_others(script in scripts(8)) {
        script.live(|moment| {
            let mut world = moment.world.clone();
            let is_broken = |name: &str| BROKEN.contains(&name);
            world.definitions.workflows.retain(|workflow| !is_broken(workflow.header.name.as_str()));
            world.definitions.auto_assignments.retain(|auto| !is_broken(auto.header.name.as_str()));
            let all = |_: &crate::domain::action::Action| true;
            prop_assert!(everything(moment.plan).all(|action| !is_broken(action.document.as_str())));
            prop_assert_eq!(deeds(&world.plan(), all), deeds(moment.plan, all));
            Ok(())
        })?;
    }
}
