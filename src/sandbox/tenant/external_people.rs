//! Changes of what the tenant knows of people from outside: their organizations, the subjects kept of them, the settings.

use super::{Record, Tenant, Timer};
use crate::sandbox::guests::ExternalUserSettings;
use crate::sandbox::organizations::ConnectedOrganization;
use crate::sandbox::subjects::Subject;

impl Tenant {
    /// Adds or replaces a connected organization.
    pub(in crate::sandbox) fn put_organization(&mut self, organization: ConnectedOrganization) {
        self.record(&organization);
        self.organizations.put(organization);
    }

    /// Takes a connected organization out.
    pub(in crate::sandbox) fn remove_organization(&mut self, id: &str) {
        self.organizations.remove(id);
        self.forget::<ConnectedOrganization>(id);
    }

    /// The settings in force.
    pub(in crate::sandbox) fn external_user_settings(&self) -> ExternalUserSettings {
        self.external_user_settings.iter().next().cloned().unwrap_or_default()
    }

    /// Replaces the settings.
    pub(in crate::sandbox) fn put_external_user_settings(&mut self, settings: ExternalUserSettings) {
        self.record(&settings);
        self.load_external_user_settings(settings);
    }

    /// As [`Self::put_external_user_settings`], for a row that is saved already.
    pub(in crate::sandbox) fn load_external_user_settings(&mut self, settings: ExternalUserSettings) {
        self.external_user_settings.put(settings);
    }

    /// Adds or replaces a subject and sets the timer of the guest's deletion.
    pub(in crate::sandbox) fn put_subject(&mut self, subject: Subject) {
        self.record(&subject);
        self.load_subject(subject);
    }

    /// As [`Self::put_subject`], for a row that is saved already.
    pub(in crate::sandbox) fn load_subject(&mut self, subject: Subject) {
        self.note_target(&subject.target_id);
        if let Some(due) = subject.deletion_due {
            self.timers.insert((due, Timer::GuestDeletion(subject.id().to_owned())));
        }
        self.subjects.put(subject);
    }

    /// The subject kept of this user.
    pub(in crate::sandbox) fn subject_of(&self, target_id: &str) -> Option<&Subject> {
        // Most tenants keep none, and the id is not free.
        if self.subjects.len() == 0 { None } else { self.subjects.get(&self.subject_id(target_id)) }
    }
}
