//! The tenant's state in memory: its tables, its memberships, what falls due, and what has changed since it was last saved.

mod administrators;
mod candidates;
mod catalog_tables;
mod condition;
mod directory_log;
mod external_people;
mod found;
mod holdings;
mod index;
pub(super) mod indexed;
mod indexed_objects;
mod keys;
mod membership;
mod removal;
mod replicated;
mod role_holders;
mod rows;
mod subject_index;
mod table;
mod unassessed;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::applications::Application;
use super::assertion::Credentials;
use super::guests::ExternalUserSettings;
use super::organizations::ConnectedOrganization;
use super::outbox::SentMail;
use super::outcomes::Outcomes;
use super::persist::profile_row;
use super::records::{Assignment, Catalog, CustomExtension, Group, Package, Policy, Profile, Record, Request, User};
use super::replication::{Replicated, Replication};
use super::request_rules::RequestRules;
use super::resources::{Resource, ResourceRequest};
use super::settings::TenantSettings;
use super::subjects::Subject;
use super::workflows::Workflow;
pub(super) use administrators::ADMINISTRATOR;
pub(super) use condition::{Condition, KeyTest};
pub(super) use directory_log::{DirectoryChange, DirectoryLog, Link, Relation, TOKEN_LIFE, What};
pub(super) use index::Property;
pub(super) use keys::{instant_key, text_key, value_key};
pub(super) use removal::{DeletedObject, Remains, RestoreRefusal};
pub(super) use role_holders::HOLDER;
pub(super) use table::Table;
pub(super) use unassessed::Assessment;
use unassessed::Unassessed;

/// One write to the state file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// The row is new, or has a new text.
    Put { kind: &'static str, id: String, json: String },
    /// The row is gone.
    Delete { kind: &'static str, id: String },
    /// All rows are gone.
    Clear,
}

/// The kind of a membership's row; its id is `<group id>/<member id>`.
pub(super) const MEMBER: &str = "member";

/// The kind of the one row that counts how many ids were given to new things.
pub(super) const COUNTER: &str = "counter";

/// What happens by the clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// The request's next change of state.
    Request(String),
    /// The assignment's planned end.
    Assignment(String),
    /// The notice that an assignment ends soon.
    ExpiryNotice(String),
    /// The end of an assignment's reprocessing.
    Redelivery(String),
    /// The look at what has changed for auto-assignment.
    Assessment,
    /// The end of the grace period in which an auto-assignment is still held.
    Departure(String),
    /// The end of the time in which a deleted user or group can be restored.
    Erasure(String),
    /// The deletion of a blocked guest, by the subject's id.
    GuestDeletion(String),
}

/// The whole tenant.
pub(super) struct Tenant {
    pub(super) profile: Profile,
    pub(super) users: Table<User>,
    pub(super) groups: Table<Group>,
    pub(super) applications: Table<Application>,
    pub(super) catalogs: Table<Catalog>,
    pub(super) resources: Table<Resource>,
    pub(super) resource_requests: Table<ResourceRequest>,
    pub(super) packages: Table<Package>,
    pub(super) policies: Table<Policy>,
    pub(super) custom_extensions: Table<CustomExtension>,
    pub(super) requests: Table<Request>,
    pub(super) assignments: Table<Assignment>,
    pub(super) organizations: Table<ConnectedOrganization>,
    /// Those of whom something is kept; see [`Tenant::subjects_after`] for all.
    pub(super) subjects: Table<Subject>,
    /// The one record, where the settings were ever changed.
    external_user_settings: Table<ExternalUserSettings>,
    /// Deleted users and groups that can still be restored.
    pub(super) deleted: Table<DeletedObject>,
    pub(super) directory_log: DirectoryLog,
    pub(super) mails: Table<SentMail>,
    pub(super) workflows: Table<Workflow>,
    pub(super) settings: TenantSettings,
    /// From submitted to delivered, in tenant time.
    pub(super) delivery_delay: SignedDuration,
    pub(super) outcomes: Outcomes,
    pub(super) replication: Replication,
    pub(super) request_rules: RequestRules,
    members: HashMap<String, BTreeSet<String>>,
    groups_by_member: HashMap<String, BTreeSet<String>>,
    role_holders: HashMap<String, BTreeSet<String>>,
    administrators: BTreeSet<String>,
    timers: BTreeSet<(Timestamp, Timer)>,
    unassessed: Unassessed,
    targets_by_subject: BTreeMap<String, String>,
    /// How many ids [`Self::new_id`] has given.
    ids_given: u64,
    changes: Vec<Change>,
}

impl Tenant {
    /// A tenant that has a name and nothing else.
    pub(super) fn new(profile: Profile) -> Self {
        Self {
            profile,
            users: Table::default(),
            groups: Table::default(),
            applications: Table::default(),
            catalogs: Table::default(),
            resources: Table::default(),
            resource_requests: Table::default(),
            packages: Table::default(),
            policies: Table::default(),
            custom_extensions: Table::default(),
            requests: Table::default(),
            assignments: Table::default(),
            organizations: Table::default(),
            subjects: Table::default(),
            external_user_settings: Table::default(),
            deleted: Table::default(),
            directory_log: DirectoryLog::default(),
            mails: Table::default(),
            workflows: Table::default(),
            settings: TenantSettings::default(),
            delivery_delay: SignedDuration::ZERO,
            outcomes: Outcomes::default(),
            replication: Replication::default(),
            request_rules: RequestRules::default(),
            members: HashMap::new(),
            groups_by_member: HashMap::new(),
            role_holders: HashMap::new(),
            administrators: BTreeSet::new(),
            timers: BTreeSet::new(),
            unassessed: Unassessed::default(),
            targets_by_subject: BTreeMap::new(),
            ids_given: 0,
            changes: Vec::new(),
        }
    }

    /// The id of a thing of this tenant, always the same for the same name.
    pub(super) fn derived_id(&self, kind: &str, name: &str) -> String {
        derived_id(&self.profile.tenant_id, kind, name)
    }

    /// An id that nothing of this tenant ever had; the same ones come again in a tenant that went the same way.
    pub(super) fn new_id(&mut self, kind: &str) -> String {
        self.load_counter(self.ids_given + 1);
        self.changes.push(counter(self.ids_given));
        self.derived_id("new", &format!("{kind}/{}", self.ids_given))
    }

    /// How many ids were given, for a row that is saved already.
    pub(super) fn load_counter(&mut self, ids_given: u64) {
        self.ids_given = ids_given;
    }

    /// The user with this object id or sign-in name (any case).
    pub(super) fn user(&self, id_or_name: &str) -> Option<&User> {
        self.users.by("userprincipalname", id_or_name).next().or_else(|| self.users.get(&id_or_name.to_lowercase()))
    }

    /// Replaces what the application may prove itself with.
    pub(super) fn put_credentials(&mut self, credentials: Credentials) {
        self.profile.credentials = credentials;
        self.changes.push(profile_row(&self.profile));
    }

    /// Replaces the settings.
    pub(super) fn put_settings(&mut self, settings: TenantSettings) {
        self.record(&settings);
        self.settings = settings;
    }

    /// Adds or replaces a user.
    pub(super) fn put_user(&mut self, user: User) {
        self.record(&user);
        self.come(Replicated::Users, &user.id, self.users.get(&user.id).is_some());
        self.log_user(&user);
        self.assess_user_later(&user.id);
        self.users.put(user);
    }

    /// Adds or replaces a group, whose members stay.
    pub(super) fn put_group(&mut self, group: Group) {
        self.record(&group);
        self.come(Replicated::Groups, &group.id, self.groups.get(&group.id).is_some());
        self.log_group(&group);
        self.groups.put(group);
    }

    /// Adds or replaces a catalog.
    pub(super) fn put_catalog(&mut self, catalog: Catalog) {
        self.record(&catalog);
        self.catalogs.put(catalog);
    }

    /// Adds or replaces a package.
    pub(super) fn put_package(&mut self, package: Package) {
        self.record(&package);
        self.packages.put(package);
    }

    /// Adds or replaces a policy.
    pub(super) fn put_policy(&mut self, policy: Policy) {
        self.record(&policy);
        self.load_policy(policy);
    }

    /// Adds or replaces a request and sets its timer.
    pub(super) fn put_request(&mut self, request: Request) {
        self.record(&request);
        self.come(Replicated::Requests, &request.id, self.requests.get(&request.id).is_some());
        if !request.state.is_open() {
            // Auto-assignment leaves alone whoever has an open request, and has to look again.
            self.assess_user_later(&request.target_id);
        }
        self.load_request(request);
    }

    /// Adds or replaces an assignment and sets the timer of its end.
    pub(super) fn put_assignment(&mut self, assignment: Assignment) {
        self.record(&assignment);
        self.come(Replicated::Assignments, &assignment.id, self.assignments.get(&assignment.id).is_some());
        if !assignment.is_active() {
            // What another policy gave is over; auto-assignment may have left it at that.
            self.assess_user_later(&assignment.target_id);
        }
        self.load_assignment(assignment);
    }

    /// Keeps a mail.
    pub(super) fn put_mail(&mut self, mail: SentMail) {
        self.record(&mail);
        self.mails.put(mail);
    }

    /// Adds or replaces a lifecycle workflow.
    pub(super) fn put_workflow(&mut self, workflow: Workflow) {
        self.record(&workflow);
        self.workflows.put(workflow);
    }

    /// As [`Self::put_policy`], for a row that is saved already.
    pub(super) fn load_policy(&mut self, policy: Policy) {
        self.assess_policy_later(&policy);
        self.policies.put(policy);
    }

    /// As [`Self::put_request`], for a row that is saved already.
    pub(super) fn load_request(&mut self, request: Request) {
        self.note_target(&request.target_id);
        if let Some(due) = request.due {
            self.timers.insert((due, Timer::Request(request.id.clone())));
        }
        self.requests.put(request);
    }

    /// As [`Self::put_assignment`], for a row that is saved already.
    pub(super) fn load_assignment(&mut self, assignment: Assignment) {
        self.note_target(&assignment.target_id);
        if let Some(end) = assignment.schedule.expiration.end_date_time.filter(|_| assignment.is_active()) {
            self.timers.insert((end, Timer::Assignment(assignment.id.clone())));
        }
        if let Some(end) = assignment.leaves.filter(|_| assignment.is_active()) {
            self.timers.insert((end, Timer::Departure(assignment.id.clone())));
        }
        if let Some((at, _)) = assignment.next_notice() {
            self.timers.insert((at, Timer::ExpiryNotice(assignment.id.clone())));
        }
        if let Some(at) = assignment.redelivery {
            self.timers.insert((at, Timer::Redelivery(assignment.id.clone())));
        }
        self.assignments.put(assignment);
    }

    /// The request about this user and package that is not at its end.
    pub(super) fn open_request(&self, user_id: &str, package_id: &str) -> Option<&Request> {
        let about = holding(user_id, package_id);
        self.requests.matching(&about, None)?.find(|request| request.is_in_the_way())
    }

    /// The assignment of this package that the user holds or is being given.
    pub(super) fn active_assignment(&self, user_id: &str, package_id: &str) -> Option<&Assignment> {
        let about = holding(user_id, package_id);
        self.assignments.matching(&about, None)?.find(|assignment| assignment.is_active())
    }

    /// Takes the earliest timer that is due at `now`.
    pub(super) fn pop_timer(&mut self, now: Timestamp) -> Option<(Timestamp, Timer)> {
        let is_due = self.timers.first().is_some_and(|(due, _)| *due <= now);
        let popped = if is_due { self.timers.pop_first() } else { None };
        self.replication.tick(popped.as_ref().map_or(now, |(due, _)| *due));
        popped
    }

    /// Hands over what has to be saved.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn forget<T: Record>(&mut self, id: &str) {
        self.changes.push(Change::Delete { kind: T::KIND, id: id.to_owned() });
    }

    fn record<T: Record>(&mut self, record: &T) {
        self.changes.push(row(record));
    }
}

fn row<T: Record>(record: &T) -> Change {
    // A record is a struct of texts, numbers and string-keyed maps, which always has a JSON text; `null` would be refused on loading.
    let json = serde_json::to_string(record).unwrap_or_else(|_| "null".to_owned());
    Change::Put { kind: T::KIND, id: record.id().to_owned(), json }
}

fn counter(ids_given: u64) -> Change {
    Change::Put { kind: COUNTER, id: "ids".to_owned(), json: ids_given.to_string() }
}

/// The id of a thing of the tenant `tenant_id`: a UUIDv5 of its kind and name.
pub(super) fn derived_id(tenant_id: &str, kind: &str, name: &str) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("urn:usherd:sandbox:{tenant_id}").as_bytes());
    Uuid::new_v5(&namespace, format!("{kind}:{name}").as_bytes()).hyphenated().to_string()
}

/// A user and a package: what at most one open request and one active assignment may be about.
fn holding(user_id: &str, package_id: &str) -> Condition {
    Condition::All(vec![Condition::is("target/objectid", user_id), Condition::is("accesspackage/id", package_id)])
}
