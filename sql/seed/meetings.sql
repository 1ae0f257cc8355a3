-- The meetings of some events of one seeded organization, in one statement.
--
-- Every host has a grid of their own: fifty slots a week, Monday to Friday from eight to six in the organization's
-- time zone, counted from this week's Monday. A host's meetings are spread over two years back and a quarter ahead
-- (further back if they do not fit), one per stretch of slots, so none overlaps another. Meeting number `past` of
-- a host stands in this week, however few there are.
-- `materialized`, since an inlined start would be computed ten times a row.
-- Whatever varies is a hash of the meeting's number and the salt: the same numbers make the same meetings.

with event as (
    select *
    from unnest(
        cast(:events as uuid[]), cast(:hosts as text[]), cast(:positions as integer[]), cast(:siblings as integer[]),
        cast(:counts as integer[]), cast(:firsts as integer[]), cast(:minutes as integer[]), cast(:prices as bigint[]))
        as e (id, host, position, siblings, meetings, first, minutes, cents)
), host as (
    select
        e.*,
        siblings * meetings::bigint as total,
        -- 117 weeks of fifty slots, 13 of them ahead; a fuller diary begins earlier and goes no further ahead.
        greatest(117 * 50, siblings * meetings)::bigint as width,
        greatest(siblings * meetings::bigint * 104 / 117, siblings * meetings::bigint - 13 * 45) as past,
        hashtextextended(host, cast(:salt as bigint)) & 31 as anchor
    from event as e
), booking as (
    select
        h.*,
        h.first + turn.number as number,
        turn.number * h.siblings + h.position as place,
        hashint8extended(h.first + turn.number, cast(:salt as bigint)) as chance
    from host as h
    cross join lateral generate_series(0, h.meetings - 1) as turn (number)
), placed as materialized (
    select
        b.*,
        -- 10 000 weeks are added here and taken off below, so that division never meets a negative number.
        (10000 * 50 + anchor + place * width / total - past * width / total
            + case when place = past then 0 else (chance & 1023) * (width / total) / 1024 end)::integer as slot,
        ((chance >> 10) & 127)::integer as luck,
        ((chance >> 17) & 31)::integer as notice,
        (((chance >> 22) & 1048575) % cast(:guests as integer))::integer as guest
    from booking as b
), timed as materialized (
    select
        p.*,
        (cast(:monday as date) + (slot / 50 - 10000) * 7 + slot % 50 / 10 + make_interval(hours => 8 + slot % 10))
            at time zone cast(:zone as text) as start_time
    from placed as p
), decided as materialized (
    select
        t.*,
        t.start_time + make_interval(mins => t.minutes) as end_time,
        least(t.start_time - make_interval(days => 1 + t.notice),
              cast(:now as timestamptz) - make_interval(mins => t.notice)) as created_at,
        case
            when t.start_time + make_interval(mins => t.minutes) <= cast(:now as timestamptz) then
                case when luck < 10 then 'cancelled' when luck < 17 then 'no_show' when luck < 19 then 'expired'
                     else 'completed' end
            when luck < 8 then 'cancelled'
            when luck < 12 and t.cents > 0 then 'pending_payment'
            else 'confirmed'
        end as status,
        1 + t.guest % cardinality(cast(:first_names as text[])) as first_name,
        1 + t.guest * 17 % cardinality(cast(:last_names as text[])) as last_name
    from timed as t
)
insert into app.meetings (
    org_id, id, event_id, workos_user_id, status, guest_email, guest_name, guest_notes, guest_timezone, start_time,
    end_time, cancelled_at, cancelled_by, cancellation_reason, amount_cents, platform_fee_bps, platform_fee_cents,
    stripe_payment_intent_id, stripe_payment_status, created_at, updated_at)
select
    cast(:org as uuid),
    (cast(:ids as text) || lpad(to_hex(number), 12, '0'))::uuid,
    id,
    host,
    status,
    lower(format('%s.%s.%s@example.com', (cast(:first_words as text[]))[first_name],
                 (cast(:last_words as text[]))[last_name], guest)),
    format('%s %s', (cast(:first_names as text[]))[first_name], (cast(:last_names as text[]))[last_name]),
    case when luck % 8 = 7 then (cast(:notes as text[]))[1 + number % cardinality(cast(:notes as text[]))] end,
    cast(:zone as text),
    start_time,
    end_time,
    case when status = 'cancelled' then
        greatest(created_at, least(start_time, cast(:now as timestamptz)) - make_interval(mins => 1 + luck)) end,
    case when status = 'cancelled' then host end,
    case when status = 'cancelled' then (cast(:reasons as text[]))[1 + number % cardinality(cast(:reasons as text[]))] end,
    cents,
    cast(:fee_bps as integer),
    cents * cast(:fee_bps as integer) / 10000,
    case when cents > 0 and status not in ('pending_payment', 'expired') then cast(:intents as text) || number end,
    case when cents = 0 or status in ('pending_payment', 'expired') then 'pending'
         when status = 'cancelled' then 'refunded'
         else 'succeeded' end,
    created_at,
    created_at
from decided
order by host, start_time
