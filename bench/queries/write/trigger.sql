-- PostGraphile's audit: the row of the trail that orgraph writes for a booking, written by a trigger.
-- In the benchmark's copy of the database only.

create function app.bench_trail() returns trigger
language plpgsql set search_path = '' as $$
begin
    perform app.record_audit(jsonb_build_array(jsonb_build_object(
        'action', 'APPOINTMENT_CREATED', 'resource_type', 'appointment', 'resource_id', new.id,
        'new_values', jsonb_build_object(
            'event_id', new.event_id, 'workos_user_id', new.workos_user_id, 'start_time', new.start_time,
            'end_time', new.end_time, 'guest_name', new.guest_name, 'guest_email', new.guest_email,
            'guest_timezone', new.guest_timezone, 'amount_cents', new.amount_cents, 'currency', new.currency,
            'status', new.status))));
    return null;
end
$$;

create trigger t90_bench_trail after insert on app.meetings for each row execute function app.bench_trail()
