//! Changes of applications, catalogs' resources and packages: what is saved with each, and what goes with what.

use super::Tenant;
use crate::sandbox::applications::Application;
use crate::sandbox::records::{Catalog, CustomExtension, Package, Policy, Request};
use crate::sandbox::resources::{Resource, ResourceRequest};

impl Tenant {
    /// Adds or replaces an application.
    pub(in crate::sandbox) fn put_application(&mut self, application: Application) {
        self.record(&application);
        self.applications.put(application);
    }

    /// Adds or replaces a resource of a catalog.
    pub(in crate::sandbox) fn put_resource(&mut self, resource: Resource) {
        self.record(&resource);
        self.resources.put(resource);
    }

    /// Adds a resource request.
    pub(in crate::sandbox) fn put_resource_request(&mut self, request: ResourceRequest) {
        self.record(&request);
        self.resource_requests.put(request);
    }

    /// Adds or replaces a custom extension of a catalog.
    pub(in crate::sandbox) fn put_custom_extension(&mut self, extension: CustomExtension) {
        self.record(&extension);
        self.custom_extensions.put(extension);
    }

    /// Takes a custom extension out of its catalog.
    pub(in crate::sandbox) fn remove_custom_extension(&mut self, id: &str) {
        self.custom_extensions.remove(id);
        self.forget::<CustomExtension>(id);
    }

    /// Takes a request out that is at its end.
    pub(in crate::sandbox) fn remove_request(&mut self, id: &str) {
        self.requests.remove(id);
        self.forget::<Request>(id);
    }

    /// Takes a catalog out, and its resources and custom extensions with it.
    pub(in crate::sandbox) fn remove_catalog(&mut self, id: &str) {
        let resources: Vec<_> = self.resources.by("catalog/id", id).map(|resource| resource.id.clone()).collect();
        for resource in resources {
            self.remove_resource(&resource);
        }
        let own = self.custom_extensions.by("catalog/id", id);
        let extensions: Vec<_> = own.map(|extension| extension.id.clone()).collect();
        for extension in extensions {
            self.remove_custom_extension(&extension);
        }
        self.catalogs.remove(id);
        self.forget::<Catalog>(id);
    }

    /// Takes a resource out of its catalog.
    pub(in crate::sandbox) fn remove_resource(&mut self, id: &str) {
        self.resources.remove(id);
        self.forget::<Resource>(id);
    }

    /// Takes a package out, and its policies with it; its assignments and requests stay as history.
    pub(in crate::sandbox) fn remove_package(&mut self, id: &str) {
        let policies: Vec<_> = self.policies.by("accesspackage/id", id).map(|policy| policy.id.clone()).collect();
        for policy in policies {
            self.remove_policy(&policy);
        }
        self.packages.remove(id);
        self.forget::<Package>(id);
    }

    /// Takes a policy out; what came by it stays as history.
    pub(in crate::sandbox) fn remove_policy(&mut self, id: &str) {
        self.forget_automatic(id);
        self.policies.remove(id);
        self.forget::<Policy>(id);
    }
}
