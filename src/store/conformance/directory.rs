//! What every ledger must do with the users of the directory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::at;
use crate::store::Store;
use crate::store::directory::{KeptUsers, Properties, UsersChange, UsersReading};

fn properties(department: &str) -> Properties {
    Properties::from_iter([("department".to_owned(), json!(department)), ("mail".to_owned(), json!(null))])
}

fn change(link: Option<&str>, kept: &[(&str, &str)], gone: &[&str]) -> UsersChange {
    UsersChange {
        reading: UsersReading {
            properties: BTreeSet::from(["department".to_owned()]),
            link: link.map(str::to_owned),
            full: at(1),
            full_due: at(2),
        },
        kept: kept.iter().map(|(user, department)| ((*user).into(), properties(department))).collect(),
        gone: gone.iter().map(|user| (*user).into()).collect(),
    }
}

pub(super) async fn users_and_where_the_next_round_begins_are_kept_together(store: &dyn Store) {
    assert_eq!(store.kept_users().await.unwrap(), KeptUsers::default());
    let mut model = KeptUsers::default();
    for change in [
        change(Some("one"), &[("u1", "Sales"), ("u2", "IT")], &[]),
        change(Some("two"), &[("u2", "Sales"), ("u3", "IT")], &["u1", "never there"]),
        change(None, &[], &[]),
        change(Some("three"), &[("u1", "HR")], &["u3"]),
    ] {
        store.keep_users(&change).await.unwrap();
        model.apply(change);
        assert_eq!(store.kept_users().await.unwrap(), model);
    }
    let expected = BTreeMap::from([("u1".into(), properties("HR")), ("u2".into(), properties("Sales"))]);
    assert_eq!(model.users, expected);
}
