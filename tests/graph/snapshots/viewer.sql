begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

SELECT app.current_membership_role() AS current_membership_role_1, app.current_permissions() AS current_permissions_1, app.current_org_id() AS current_org_id_1;

SELECT app.organizations.id, app.organizations.workos_org_id, app.organizations.slug, app.organizations.name, app.organizations.type, app.organizations.timezone, app.organizations.billing_email, app.organizations.metadata, app.organizations.created_at, app.organizations.updated_at
FROM app.organizations
WHERE app.organizations.id = (SELECT app.current_org_id() AS current_org_id_1);

SELECT app.my_account() AS my_account_1;

SELECT app.users.id, app.users.workos_user_id, app.users.email, app.users.first_name, app.users.last_name, app.users.image_url, app.users.username, app.users.created_at
FROM app.users
WHERE app.users.workos_user_id = ANY ($1::TEXT[]);

commit;
