//! Collect: documents, feeds, groups and the tenant, read for one pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tracing::{debug, info, warn};

use crate::directory::{FullReading, GroupAnswer, GroupQuery, Observation, ObserveError, Unchangeable, Wanted};
use crate::domain::subject::{LEAVE_DATE, User};
use crate::entitlement::EntitlementView;
use crate::feed::{DeliveryReport, FeedBase, FeedSnapshot, Verdict};
use crate::plan::ledger::Ledger;
use crate::plan::observed::{Delivery, FeedView, GroupView, Observed};
use crate::store::{DeliveryRecord, DocumentsInForce};
use crate::workflow::definition::{Definitions, Feed, FeedSource};

use crate::workflow::attribute::is_documented;
use crate::workflow::check::check;
use crate::workflow::problem::Problem;

use super::document_records::{Recorded, put_on_record};
use super::documents::{self, InForce};
use super::event::{Event, chain};
use super::{Engine, EngineError};

/// Everything one pass looks at.
#[derive(Debug)]
pub struct Collected {
    /// The documents in force.
    pub definitions: Definitions,
    /// What the ledger is to keep of them, where that changed.
    pub changed_documents: Option<DocumentsInForce>,
    /// What was observed.
    pub observed: Observed,
    /// The ledger, with the records of the documents in force.
    pub ledger: Ledger,
    /// Whether a feed's source has something that is not complete yet.
    pub is_feed_incomplete: bool,
    /// The mistakes in the folder's documents.
    pub problems: Vec<Problem>,
}

impl Engine {
    /// Reads everything one pass looks at, and takes what the feeds deliver.
    pub(super) async fn collect(&mut self, now: Timestamp) -> Result<Collected, EngineError> {
        self.collect_for(now, None).await
    }

    /// The same, with what other documents name read as well.
    pub(super) async fn collect_for(
        &mut self,
        now: Timestamp,
        others: Option<&Definitions>,
    ) -> Result<Collected, EngineError> {
        self.told.turn();
        let mut ledger = self.seams.store.ledger().await?;
        let (definitions, changed_documents, problems) = self.collect_documents(&mut ledger, now).await?;
        let read_for = || std::iter::once(&definitions).chain(others);
        let wanted = Wanted {
            attributes: read_for().flat_map(wanted_attributes).collect(),
            groups: read_for().flat_map(wanted_groups).collect(),
        };
        let Observation { users, groups, full } = self.seams.directory.observe(&wanted, now).await?;
        if let Some(why) = full {
            record_full_reading(why, users.len());
        }
        let groups = self.views_of(groups);
        self.feed_folders = definitions.feeds.iter().filter_map(|feed| self.feed_folder(feed)).collect();
        let (feeds, is_feed_incomplete) = self.collect_feeds(&definitions.feeds, &users, now).await?;
        let is_catalog_in_doubt = self.is_catalog_in_doubt || changed_documents.is_some() || others.is_some();
        let EntitlementView { packages, policies, assignments, requests } =
            self.seams.entitlement.observe(now, is_catalog_in_doubt).await?;
        let observed = Observed {
            tenant: self.settings.tenant.clone(),
            tenant_zone: self.settings.tenant_zone.clone(),
            users,
            feeds,
            groups,
            packages,
            policies,
            assignments,
            requests,
            read_at: now,
        };
        Ok(Collected { definitions, changed_documents, observed, ledger, is_feed_incomplete, problems })
    }

    async fn collect_documents(
        &mut self,
        ledger: &mut Ledger,
        now: Timestamp,
    ) -> Result<(Definitions, Option<DocumentsInForce>, Vec<Problem>), EngineError> {
        let good = self.seams.store.good_texts().await?;
        let InForce { definitions, texts, problems, kept } =
            documents::put_in_force(documents::read_folder(&self.settings.documents), &good, &ledger.documents);
        for (problem, _) in &problems {
            if !self.told.is_news(problem.to_string()) {
                continue;
            }
            warn!(
                event = Event::DocumentsProblem.name(),
                file.name = problem.file,
                "{problem}; the last good version stays in force"
            );
        }
        let look = || check(&documents::load_texts(&texts), None).iter().map(ToString::to_string).collect();
        for warning in self.told_warnings.news(&texts, look) {
            warn!(event = Event::DocumentsWarning.name(), "{warning}; the document is in force all the same");
        }
        if let Some(why) = kept.as_ref().filter(|why| self.told.is_news((*why).clone())) {
            warn!(event = Event::DocumentsKept.name(), reason = why, "the documents in force stay: {why}");
        }
        let Recorded { renames, records, is_news } = put_on_record(ledger, &definitions, self.settings.ceiling, now);
        let changed = (is_news || texts != good).then_some(DocumentsInForce { texts, records, renames });
        Ok((definitions, changed, problems.into_iter().map(|(problem, _)| problem).collect()))
    }

    /// The folder in which a feed's deliveries come to lie; `None` for a remote one, which the schedule alone asks.
    fn feed_folder(&self, feed: &Feed) -> Option<PathBuf> {
        let path = self.settings.folder.join(feed.source.path()?);
        match feed.source {
            FeedSource::File(_) => path.parent().map(Path::to_path_buf).or(Some(path)),
            _ => Some(path),
        }
    }

    pub(super) async fn collect_feeds(
        &mut self,
        feeds: &[Feed],
        users: &[User],
        now: Timestamp,
    ) -> Result<(BTreeMap<crate::domain::ids::FeedName, FeedView>, bool), EngineError> {
        let base = FeedBase { joined_users: users.iter().filter(|user| user.employee_id.is_some()).count() };
        let mut views = BTreeMap::new();
        let mut is_incomplete = false;
        for feed in feeds {
            let reading = self.seams.feeds.collect(feed, base, now).await?;
            for report in &reading.deliveries {
                // What could not be read is found again in every pass; a digest is judged once.
                let is_lasting = report.digest.is_empty();
                if !is_lasting || self.told.is_news(format!("{} {:?}", feed.name, report.verdict)) {
                    record_delivery(feed, report);
                }
            }
            if let Some(why) = &reading.too_old
                // Its age grows from pass to pass.
                && self.told.is_news(format!("{} is too old", feed.name))
            {
                let (event, name) = (Event::FeedStale.name(), feed.name.as_str());
                warn!(
                    event,
                    feed.name = name,
                    reason = why,
                    "feed {name}: {why}; it stays in force, ask for a new one"
                );
            }
            is_incomplete |= reading.incomplete;
            if let Some(snapshot) = reading.snapshot {
                views.insert(feed.name.clone(), view_of(snapshot));
            }
        }
        Ok((views, is_incomplete))
    }

    /// One group that cannot be read stops no other: it is unknown, and says so.
    fn views_of(
        &mut self,
        answers: BTreeMap<GroupQuery, Result<GroupAnswer, ObserveError>>,
    ) -> BTreeMap<(String, bool), GroupView> {
        let mut views = BTreeMap::new();
        for (wanted, answer) in answers {
            let view = match answer {
                Ok(GroupAnswer::Members { id, users, unchangeable }) => {
                    // Role-assignable groups can be changed with a permission of their own; of the others the service lets nobody.
                    let is_fixed = unchangeable.is_some_and(|why| why != Unchangeable::RoleAssignable);
                    GroupView::Members { id, users, is_fixed }
                }
                Ok(GroupAnswer::NotFound) => GroupView::NotFound,
                Ok(GroupAnswer::Ambiguous) => GroupView::Ambiguous,
                Err(error) => {
                    if self.told.is_news(format!("group {}", wanted.group)) {
                        let (event, group, reason) = (Event::GroupUnreadable.name(), &wanted.group, chain(&error));
                        warn!(event, group.name = group, reason, "group {group} could not be read and is unknown");
                    }
                    GroupView::Unreadable
                }
            };
            views.insert((wanted.group, wanted.transitive), view);
        }
        views
    }
}

fn record_full_reading(why: FullReading, users: usize) {
    let (event, reason) = (Event::DirectoryReadInFull.name(), why.as_str());
    match why {
        FullReading::TokenLost => warn!(
            event,
            reason,
            users,
            "the directory no longer knew where the last round of changes had ended; all users were read"
        ),
        // Told in every pass otherwise.
        FullReading::NotTracked => debug!(event, reason, users, "all users were read: their changes are not told"),
        _ => info!(event, reason, users, "all users were read, and not just what had changed"),
    }
}

fn view_of(snapshot: FeedSnapshot) -> FeedView {
    let FeedSnapshot { deliveries, persons, removals_wait } = snapshot;
    let seen = |DeliveryRecord { digest, file, judged, .. }| Delivery { digest, file, judged };
    FeedView { persons, removals_wait, deliveries: deliveries.into_iter().map(seen).collect() }
}

fn record_delivery(feed: &Feed, report: &DeliveryReport) {
    let (name, digest, rows) = (feed.name.as_str(), report.digest.as_str(), report.rows);
    if let Some(trouble) = &report.trouble {
        let event = Event::FeedTrouble.name();
        warn!(event, feed.name = name, feed.digest = digest, reason = trouble, "feed {name}: {trouble}");
    }
    for (person, reason) in &report.set_aside {
        let event = Event::FeedSetAside.name();
        warn!(event, feed.name = name, subject.id = person, reason, "{person} of feed {name} is set aside: {reason}");
    }
    match &report.verdict {
        Verdict::Accepted | Verdict::Unchanged => {
            let event = Event::FeedAccepted.name();
            let left_out = report.left_out;
            info!(
                event,
                feed.name = name,
                feed.digest = digest,
                rows,
                left_out,
                "a delivery of feed {name} is in force"
            );
        }
        Verdict::AcceptedRemovalsWait { why } => {
            let event = Event::FeedAccepted.name();
            warn!(
                event,
                feed.name = name,
                feed.digest = digest,
                rows,
                reason = why,
                "{why}; removals wait for a person"
            );
        }
        Verdict::Refused { rule, why } => {
            let event = Event::FeedRefused.name();
            warn!(
                event,
                feed.name = name,
                feed.digest = digest,
                rows,
                rule,
                reason = why,
                "a delivery of feed {name} was refused and changed nothing: {why}"
            );
        }
    }
}

/// The attributes to read from the directory: those that documents name and the directory has.
pub fn wanted_attributes(definitions: &Definitions) -> BTreeSet<String> {
    let mut wanted: BTreeSet<String> = definitions.attributes().map(str::to_owned).collect();
    let is_mapped = |name: &str| definitions.feeds.iter().any(|feed| feed.attributes.contains_key(name));
    wanted.retain(|name| match is_documented(name) {
        // It needs a permission of its own, without which nobody could be read at all.
        true if name == LEAVE_DATE => !is_mapped(name),
        true => true,
        false => name.starts_with("extension_") && !is_mapped(name),
    });
    wanted
}

fn wanted_groups(definitions: &Definitions) -> BTreeSet<GroupQuery> {
    definitions.groups().map(|(group, transitive)| GroupQuery { group: group.to_owned(), transitive }).collect()
}
