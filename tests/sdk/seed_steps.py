#!/usr/bin/env python3
"""Every step of Microsoft's entitlement management walkthroughs against the sandbox, with Microsoft's own Python SDK, unchanged.

    usherd sandbox --listen 127.0.0.1:7878 --developer-token dev          # in one terminal
    python3 -m venv venv && venv/bin/pip install -r tests/sdk/requirements.txt
    venv/bin/python tests/sdk/seed_steps.py --url http://127.0.0.1:7878 --token dev

It makes its own user, group, package and policies, and takes everything away again. One line a step; exit code 1 at the first that fails.
"""

import argparse
import asyncio
import sys
import time

from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator, BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.identity_governance.entitlement_management.access_packages.access_packages_request_builder import (
    AccessPackagesRequestBuilder,
)
from msgraph.generated.identity_governance.entitlement_management.access_packages.item.access_package_item_request_builder import (
    AccessPackageItemRequestBuilder,
)
from msgraph.generated.identity_governance.entitlement_management.assignment_requests.item.access_package_assignment_request_item_request_builder import (
    AccessPackageAssignmentRequestItemRequestBuilder,
)
from msgraph.generated.identity_governance.entitlement_management.assignments.assignments_request_builder import (
    AssignmentsRequestBuilder,
)
from msgraph.generated.identity_governance.entitlement_management.catalogs.catalogs_request_builder import (
    CatalogsRequestBuilder,
)
from msgraph.generated.identity_governance.entitlement_management.catalogs.item.resource_roles.resource_roles_request_builder import (
    ResourceRolesRequestBuilder,
)
from msgraph.generated.identity_governance.entitlement_management.catalogs.item.resources.resources_request_builder import (
    ResourcesRequestBuilder,
)
from msgraph.generated.models.access_package import AccessPackage
from msgraph.generated.models.access_package_assignment import AccessPackageAssignment
from msgraph.generated.models.access_package_assignment_approval_settings import AccessPackageAssignmentApprovalSettings
from msgraph.generated.models.access_package_assignment_policy import AccessPackageAssignmentPolicy
from msgraph.generated.models.access_package_assignment_request import AccessPackageAssignmentRequest
from msgraph.generated.models.access_package_assignment_requestor_settings import AccessPackageAssignmentRequestorSettings
from msgraph.generated.models.access_package_assignment_state import AccessPackageAssignmentState
from msgraph.generated.models.access_package_catalog import AccessPackageCatalog
from msgraph.generated.models.access_package_request_state import AccessPackageRequestState
from msgraph.generated.models.access_package_request_type import AccessPackageRequestType
from msgraph.generated.models.access_package_resource import AccessPackageResource
from msgraph.generated.models.access_package_resource_request import AccessPackageResourceRequest
from msgraph.generated.models.access_package_resource_role import AccessPackageResourceRole
from msgraph.generated.models.access_package_resource_role_scope import AccessPackageResourceRoleScope
from msgraph.generated.models.access_package_resource_scope import AccessPackageResourceScope
from msgraph.generated.models.allowed_target_scope import AllowedTargetScope
from msgraph.generated.models.expiration_pattern import ExpirationPattern
from msgraph.generated.models.expiration_pattern_type import ExpirationPatternType
from msgraph.generated.models.group import Group
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.single_user import SingleUser
from msgraph.generated.models.user import User
from msgraph_core.tasks.page_iterator import PageIterator

UNUSED_ROLE = "00000000-0000-0000-0000-000000000000"
PATIENCE_IN_SECONDS = 60


class Token(AccessTokenProvider):
    """The sandbox's developer token, in the place of a token from a sign-in."""

    def __init__(self, token):
        self.token = token

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self.token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def client(url, token):
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(token)))
    adapter.base_url = f"{url.rstrip('/')}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def step(what):
    print(f"ok  {what}", flush=True)


def asking(builder, **query):
    return RequestConfiguration(query_parameters=builder(**query))


async def all_of(page, adapter):
    """Every value, page by page, by the SDK's own iterator."""
    values = []

    def keep(value):
        values.append(value)
        return True

    if page.value:
        await PageIterator(page, adapter).iterate(keep)
    return values


async def only_one(page, adapter):
    values = await all_of(page, adapter)
    assert len(values) == 1, f"expected one, got {len(values)}"
    return values[0]


class Walkthrough:
    def __init__(self, url, token):
        self.url, self.token = url, token
        self.graph = client(url, token)
        self.adapter = self.graph.request_adapter
        self.entitlement = self.graph.identity_governance.entitlement_management

    async def run(self):
        await self.make_user_and_group()
        await self.add_the_group_to_the_general_catalog()
        await self.make_the_package()
        await self.make_the_policies()
        await self.assign_and_look()
        await self.let_the_user_ask()
        await self.take_everything_away()

    async def make_user_and_group(self):
        organization_domain = (await self.graph.users.get()).value[0].user_principal_name.split("@")[1]
        self.user = await self.graph.users.post(User(
            display_name="Requestor1", account_enabled=True, mail_nickname="Requestor1",
            user_principal_name=f"requestor1@{organization_domain}",
            password_profile=PasswordProfile(password="Contoso1234", force_change_password_next_sign_in=True),
        ))
        self.colleague = await self.graph.users.post(User(
            display_name="Colleague", account_enabled=True, mail_nickname="colleague",
            user_principal_name=f"colleague@{organization_domain}",
            password_profile=PasswordProfile(password="Contoso1234", force_change_password_next_sign_in=True),
        ))
        self.group = await self.graph.groups.post(Group(
            display_name="Marketing resources", description="Marketing resources", mail_enabled=False,
            mail_nickname="markres", security_enabled=True,
        ))
        step("create a user and a group")

    async def add_the_group_to_the_general_catalog(self):
        catalogs = self.entitlement.catalogs
        query = asking(CatalogsRequestBuilder.CatalogsRequestBuilderGetQueryParameters, filter="displayName eq 'General'")
        self.catalog = await only_one(await catalogs.get(query), self.adapter)
        assert self.catalog.catalog_type.value == "serviceDefault"
        step("find the General catalog")

        request = await self.entitlement.resource_requests.post(AccessPackageResourceRequest(
            request_type=AccessPackageRequestType.AdminAdd,
            resource=AccessPackageResource(origin_id=self.group.id, origin_system="AadGroup"),
            catalog=AccessPackageCatalog(id=self.catalog.id),
        ))
        assert request.state == AccessPackageRequestState.Delivered, request.state
        step("add the group to the catalog")

        catalog = catalogs.by_access_package_catalog_id(self.catalog.id)
        query = asking(
            ResourcesRequestBuilder.ResourcesRequestBuilderGetQueryParameters,
            filter=f"originId eq '{self.group.id}'", expand=["roles", "scopes"],
        )
        self.resource = await only_one(await catalog.resources.get(query), self.adapter)
        assert self.resource.id != self.group.id and self.resource.scopes[0].is_root_scope
        by_name = asking(
            ResourcesRequestBuilder.ResourcesRequestBuilderGetQueryParameters, filter="displayName eq 'Marketing resources'"
        )
        assert (await only_one(await catalog.resources.get(by_name), self.adapter)).id == self.resource.id
        query = asking(
            ResourceRolesRequestBuilder.ResourceRolesRequestBuilderGetQueryParameters,
            filter=f"(originSystem eq 'AadGroup' and resource/id eq '{self.resource.id}')", expand=["resource"],
        )
        roles = await all_of(await catalog.resource_roles.get(query), self.adapter)
        self.role = next(role for role in roles if role.origin_id == f"Member_{self.group.id}")
        assert self.role.id == UNUSED_ROLE, self.role.id
        step("find the resource with its roles and scopes")

    async def make_the_package(self):
        self.package = await self.entitlement.access_packages.post(AccessPackage(
            display_name="Marketing Campaign of the walkthrough", description="outside sales representatives",
            catalog=AccessPackageCatalog(id=self.catalog.id),
        ))
        step("create an access package")
        package = self.entitlement.access_packages.by_access_package_id(self.package.id)
        scope = self.resource.scopes[0]
        await package.resource_role_scopes.post(AccessPackageResourceRoleScope(
            role=AccessPackageResourceRole(
                display_name=self.role.display_name, origin_system=self.role.origin_system, origin_id=self.role.origin_id,
                resource=AccessPackageResource(id=self.resource.id, origin_id=self.group.id, origin_system="AadGroup"),
            ),
            scope=AccessPackageResourceScope(id=scope.id, origin_id=scope.origin_id, origin_system=scope.origin_system),
        ))
        query = asking(
            AccessPackageItemRequestBuilder.AccessPackageItemRequestBuilderGetQueryParameters,
            expand=["resourceRoleScopes($expand=role,scope)"],
        )
        role_scopes = (await package.get(query)).resource_role_scopes
        assert [role_scope.role.origin_id for role_scope in role_scopes] == [self.role.origin_id]
        step("add the member role to it")

    async def make_the_policies(self):
        self.direct = await self.entitlement.assignment_policies.post(self.policy(
            "Direct", AllowedTargetScope.NotSpecified, [], ExpirationPattern(type=ExpirationPatternType.NoExpiration), False,
        ))
        step("create a policy for direct assignments")
        self.month = await self.entitlement.assignment_policies.post(self.policy(
            "Specific users", AllowedTargetScope.SpecificDirectoryUsers,
            [SingleUser(odata_type="#microsoft.graph.singleUser", user_id=self.user.id, description="Requestor1")],
            ExpirationPattern(type=ExpirationPatternType.AfterDuration, duration="P30D"), True,
        ))
        query = asking(
            AccessPackagesRequestBuilder.AccessPackagesRequestBuilderGetQueryParameters,
            filter="displayName eq 'Marketing Campaign of the walkthrough'", expand=["assignmentPolicies"],
        )
        package = await only_one(await self.entitlement.access_packages.get(query), self.adapter)
        assert {policy.id for policy in package.assignment_policies} == {self.direct.id, self.month.id}
        step("create a policy of 30 days for one user, and list the package with its policies")

    def policy(self, name, scope, targets, expiration, by_users):
        return AccessPackageAssignmentPolicy(
            display_name=name, description="policy for assignment", allowed_target_scope=scope,
            specific_allowed_targets=targets, expiration=expiration,
            requestor_settings=AccessPackageAssignmentRequestorSettings(
                enable_targets_to_self_add_access=by_users, enable_targets_to_self_update_access=by_users,
                enable_targets_to_self_remove_access=by_users, allow_custom_assignment_schedule=True,
                enable_on_behalf_requestors_to_add_access=False, enable_on_behalf_requestors_to_update_access=False,
                enable_on_behalf_requestors_to_remove_access=False, on_behalf_requestors=[],
            ),
            request_approval_settings=AccessPackageAssignmentApprovalSettings(
                is_approval_required_for_add=False, is_approval_required_for_update=False, stages=[],
            ),
            access_package=AccessPackage(id=self.package.id),
        )

    async def assign_and_look(self):
        await self.assign(self.graph, AccessPackageRequestType.AdminAdd, self.colleague, self.direct)
        step("adminAdd, polled until it is delivered")

        assignments = self.entitlement.assignments
        expired_too = await self.assignments_of(f"accessPackage/id eq '{self.package.id}'", ["target"])
        assert [assignment.target.object_id for assignment in expired_too] == [self.colleague.id]
        delivered = f"accessPackage/Id eq '{self.package.id}' and state eq 'Delivered'"
        held = await self.assignments_of(f"{delivered} and target/objectId eq '{self.colleague.id}'", ["target"])
        assert held[0].state == AccessPackageAssignmentState.Delivered and held[0].target.id != self.colleague.id
        of_policy = await self.assignments_of(f"assignmentPolicy/id eq '{self.direct.id}'", ["accessPackage", "assignmentPolicy"])
        assert of_policy[0].access_package.id == self.package.id and of_policy[0].assignment_policy.id == self.direct.id
        one = await assignments.by_access_package_assignment_id(held[0].id).get()
        assert one.id == held[0].id
        step("list the package's assignments, filtered and expanded")

        first = await assignments.get(asking(AssignmentsRequestBuilder.AssignmentsRequestBuilderGetQueryParameters, top=5))
        assert len(first.value) == 5 and first.odata_next_link
        everything = await all_of(first, self.adapter)
        assert len(everything) == len({assignment.id for assignment in everything}) > 5
        step(f"read all {len(everything)} assignments in pages of 5")

        members = await all_of(await self.graph.groups.by_group_id(self.group.id).members.get(), self.adapter)
        assert [member.id for member in members] == [self.colleague.id]
        step("read the group's members")

        held = {assignment.target.object_id for assignment in await self.assignments_of(delivered, ["target"])}
        users = await all_of(await self.graph.users.get(), self.adapter)
        without = [user.id for user in users if user.id not in held]
        assert self.user.id in without and self.colleague.id not in without
        step(f"find the {len(without)} users without an assignment of the package")

    async def let_the_user_ask(self):
        own = client(self.url, f"{self.token}+{self.user.user_principal_name}")
        await self.assign(own, AccessPackageRequestType.UserAdd, self.user, self.month)
        held = await self.assignments_of(f"target/objectId eq '{self.user.id}'", ["target"])
        schedule = held[0].schedule
        days = (schedule.expiration.end_date_time - schedule.start_date_time).days
        assert days == 30, days
        step("userAdd by the signed-in user, which ends after 30 days")

    async def take_everything_away(self):
        for assignment in await self.assignments_of(f"accessPackage/id eq '{self.package.id}' and state eq 'Delivered'", []):
            request = await self.entitlement.assignment_requests.post(AccessPackageAssignmentRequest(
                request_type=AccessPackageRequestType.AdminRemove, assignment=AccessPackageAssignment(id=assignment.id),
            ))
            await self.delivered(request.id)
        members = await all_of(await self.graph.groups.by_group_id(self.group.id).members.get(), self.adapter)
        assert not members, "the removal has to end the membership"
        step("adminRemove, polled until it is delivered, which ends the memberships")

        for policy in (self.direct, self.month):
            await self.entitlement.assignment_policies.by_access_package_assignment_policy_id(policy.id).delete()
        await self.entitlement.access_packages.by_access_package_id(self.package.id).delete()
        await self.entitlement.resource_requests.post(AccessPackageResourceRequest(
            request_type=AccessPackageRequestType.AdminRemove, resource=AccessPackageResource(id=self.resource.id),
            catalog=AccessPackageCatalog(id=self.catalog.id),
        ))
        for user in (self.user, self.colleague):
            await self.graph.users.by_user_id(user.id).delete()
        await self.graph.groups.by_group_id(self.group.id).delete()
        try:
            await self.entitlement.access_packages.by_access_package_id(self.package.id).get()
            raise AssertionError("the package is still there")
        except ODataError as error:
            assert error.response_status_code == 404, error
        step("delete the policies, the package, the resource, the users and the group")

    async def assign(self, graph, request_type, user, policy):
        # The v1.0 model does not declare these three, though the documented body has them (graph-contract 1.3).
        wanted = {"targetId": user.id, "assignmentPolicyId": policy.id, "accessPackageId": self.package.id}
        request = await graph.identity_governance.entitlement_management.assignment_requests.post(
            AccessPackageAssignmentRequest(
                request_type=request_type, assignment=AccessPackageAssignment(additional_data=wanted),
                justification="walkthrough",
            )
        )
        assert request.state == AccessPackageRequestState.Submitted and request.created_date_time is None
        await self.delivered(request.id)

    async def delivered(self, request_id):
        request = self.entitlement.assignment_requests.by_access_package_assignment_request_id(request_id)
        query = asking(
            AccessPackageAssignmentRequestItemRequestBuilder.AccessPackageAssignmentRequestItemRequestBuilderGetQueryParameters,
            expand=["requestor", "accessPackage"],
        )
        until = time.monotonic() + PATIENCE_IN_SECONDS
        while (seen := await request.get(query)).state != AccessPackageRequestState.Delivered:
            assert time.monotonic() < until, f"the request {request_id} is still {seen.state}"
            await asyncio.sleep(0.1)
        assert seen.access_package.id == self.package.id

    async def assignments_of(self, filter, expand):
        query = asking(
            AssignmentsRequestBuilder.AssignmentsRequestBuilderGetQueryParameters, filter=filter, expand=expand or None
        )
        return await all_of(await self.entitlement.assignments.get(query), self.adapter)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="where the sandbox listens, such as http://127.0.0.1:7878")
    parser.add_argument("--token", required=True, help="its --developer-token")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        asyncio.run(Walkthrough(options.url, options.token).run())
    except ODataError as error:
        print(f"refused: {error.response_status_code} {error.error and error.error.code}: {error.error and error.error.message}")
        raise
    print(f"all steps done in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
