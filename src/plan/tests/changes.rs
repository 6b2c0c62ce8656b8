//! Changing documents: what each change does to each state of a grant or a run, one test a cell (design.md section 4).

use super::changing::{Change, State, effect};

/// One test for each state and change: `state { change: effect, … }`.
macro_rules! cells {
    ($($state:ident { $($change:ident: $effect:literal,)* })*) => {$(
        mod $state {
            use super::*;

            $(#[test]
            fn $change() {
                assert_eq!(effect(State::$state(), Change::$change), $effect);
            })*
        }
    )*};
}

cells! {
    granted {
        edited: "satisfied",
        grant_only: "satisfied",
        observe: "satisfied",
        ceiling: "satisfied",
        observed_meanwhile: "satisfied",
        renamed: "satisfied",
        deleted: "orphaned",
        back: "satisfied",
    }
    held_unowned {
        edited: "alreadySatisfiedUnowned",
        grant_only: "alreadySatisfiedUnowned",
        observe: "alreadySatisfiedUnowned",
        ceiling: "alreadySatisfiedUnowned",
        observed_meanwhile: "alreadySatisfiedUnowned",
        renamed: "alreadySatisfiedUnowned",
        deleted: "",
        back: "alreadySatisfiedUnowned",
    }
    in_grace {
        edited: "inGracePeriod",
        grant_only: "inGracePeriod",
        observe: "inGracePeriod",
        ceiling: "inGracePeriod",
        observed_meanwhile: "inGracePeriod; grace begins",
        renamed: "inGracePeriod",
        deleted: "orphaned",
        back: "inGracePeriod",
    }
    removal_unsent {
        edited: "removes as committed",
        grant_only: "grantOnly; taken back",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "inGracePeriod; taken back; grace begins",
        renamed: "removes as committed",
        deleted: "orphaned; taken back",
        back: "removes as committed",
    }
    removal_held {
        edited: "removes as committed, held by groupShrunk",
        grant_only: "grantOnly; taken back",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "inGracePeriod; taken back; grace begins",
        renamed: "removes as committed, held by groupShrunk",
        deleted: "orphaned; taken back",
        back: "removes as committed, held by groupShrunk",
    }
    removal_sent {
        edited: "inFlight",
        grant_only: "inFlight",
        observe: "inFlight",
        ceiling: "inFlight",
        observed_meanwhile: "inGracePeriod; grace begins",
        renamed: "inFlight",
        deleted: "orphaned",
        back: "inFlight",
    }
    addition_unsent {
        edited: "adds as committed",
        grant_only: "adds as committed",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "adds as committed",
        renamed: "adds as committed",
        deleted: "taken back",
        back: "adds as committed",
    }
    addition_held {
        edited: "adds as committed, held by groupShrunk",
        grant_only: "adds as committed, held by groupShrunk",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "adds as committed, held by groupShrunk",
        renamed: "adds as committed, held by groupShrunk",
        deleted: "taken back",
        back: "adds as committed, held by groupShrunk",
    }
    addition_sent {
        edited: "inFlight",
        grant_only: "inFlight",
        observe: "inFlight",
        ceiling: "inFlight",
        observed_meanwhile: "inFlight",
        renamed: "inFlight",
        deleted: "",
        back: "inFlight",
    }
    addition_rejected {
        edited: "rejected",
        grant_only: "rejected",
        observe: "rejected",
        ceiling: "rejected",
        observed_meanwhile: "rejected",
        renamed: "rejected",
        deleted: "",
        back: "rejected",
    }
    addition_denied {
        edited: "sticks; a new episode",
        grant_only: "sticks; a new episode",
        observe: "sticks",
        ceiling: "sticks",
        observed_meanwhile: "sticks",
        renamed: "sticks; a new episode",
        deleted: "",
        back: "sticks",
    }
    run_unsent {
        edited: "adds as committed",
        grant_only: "adds as committed",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "adds as committed",
        renamed: "adds as committed",
        deleted: "taken back",
        back: "adds as committed",
        disabled: "disabled; taken back",
    }
    run_sent {
        edited: "inFlight",
        grant_only: "inFlight",
        observe: "inFlight",
        ceiling: "inFlight",
        observed_meanwhile: "inFlight",
        renamed: "inFlight",
        deleted: "",
        back: "inFlight",
        disabled: "disabled",
    }
    run_done {
        edited: "done",
        grant_only: "done",
        observe: "done",
        ceiling: "done",
        observed_meanwhile: "done",
        renamed: "done",
        deleted: "orphaned",
        back: "done",
        disabled: "disabled",
    }
    leaver_unsent {
        edited: "removes as committed",
        grant_only: "grantOnly; taken back",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "removes as committed, held by firstRemovals",
        renamed: "removes as committed",
        deleted: "taken back",
        back: "removes as committed",
        disabled: "disabled; taken back",
    }
    leaver_held {
        edited: "removes as committed, held by groupShrunk",
        grant_only: "grantOnly; taken back",
        observe: "observing; taken back",
        ceiling: "observing; taken back",
        observed_meanwhile: "removes as committed, held by groupShrunk",
        renamed: "removes as committed, held by groupShrunk",
        deleted: "taken back",
        back: "removes as committed, held by groupShrunk",
        disabled: "disabled; taken back",
    }
    leaver_sent {
        edited: "inFlight",
        grant_only: "inFlight",
        observe: "inFlight",
        ceiling: "inFlight",
        observed_meanwhile: "inFlight",
        renamed: "inFlight",
        deleted: "",
        back: "inFlight",
        disabled: "disabled",
    }
    leaver_back {
        edited: "removes; done",
        grant_only: "done; grantOnly",
        observe: "done; observing",
        ceiling: "done; observing",
        observed_meanwhile: "removes, held by firstRemovals; done",
        renamed: "removes; done",
        deleted: "removes",
        back: "removes; done",
        disabled: "removes; disabled",
    }
}
