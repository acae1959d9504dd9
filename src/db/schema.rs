//! The tables, in the types both databases share. Written by hand beside `migrations/`: a printed schema would name
//! one database's types. A test compares it with what the migrations make.

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    events (id) {
        id -> Uuid16,
        at -> Moment,
        actor_id -> Nullable<Uuid16>,
        actor_role -> Nullable<Text>,
        action -> Text,
        object_kind -> Text,
        object_id -> Uuid16,
        company_id -> Nullable<Uuid16>,
        ticket_id -> Nullable<Uuid16>,
        facts -> Nullable<Text>,
        facts_salt -> Binary,
        facts_hash -> Binary,
    }
}

diesel::table! {
    use super::super::types::Uuid16;
    unsealed_events (event_id) {
        event_id -> Uuid16,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use super::super::types::Uuid16;
    event_chain (seq) {
        seq -> BigInt,
        event_id -> Uuid16,
        prev_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use super::super::types::{Moment, Uuid16};
    creations (id) {
        id -> Uuid16,
        kind -> Text,
        fingerprint -> Binary,
        made_by -> Uuid16,
        made_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    idempotency_keys (user_id, key) {
        user_id -> Uuid16,
        key -> Text,
        fingerprint -> Binary,
        status -> Integer,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    provider (id) {
        id -> Integer,
        legal_name -> Text,
        tax_id -> Nullable<Text>,
        tax_code -> Nullable<Text>,
        address -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        language -> Text,
        currency -> Text,
        time_zone -> Text,
        vat_mode -> Text,
        vat_rate -> Text,
        bank_name -> Nullable<Text>,
        bank_bic -> Nullable<Text>,
        bank_account -> Nullable<Text>,
        bank_correspondent_account -> Nullable<Text>,
        director_name -> Nullable<Text>,
        director_position -> Nullable<Text>,
        version -> BigInt,
        updated_at -> Moment,
        report_type_id -> Nullable<Uuid16>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    tax_regimes (id) {
        id -> Uuid16,
        valid_from -> Date,
        country -> Text,
        vat_mode -> Text,
        vat_rate -> Text,
        rounding -> Text,
        note -> Nullable<Text>,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    companies (id) {
        id -> Uuid16,
        name -> Text,
        legal_name -> Nullable<Text>,
        tax_id -> Nullable<Text>,
        tax_code -> Nullable<Text>,
        address -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        category -> Nullable<Text>,
        language -> Nullable<Text>,
        search_text -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        revision -> BigInt,
        report_type_id -> Nullable<Uuid16>,
        reports_at_once -> Bool,
        reports_at_once_by -> Nullable<Uuid16>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    users (id) {
        id -> Uuid16,
        login -> Text,
        password_hash -> Text,
        role -> Text,
        name -> Text,
        company_id -> Nullable<Uuid16>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        language -> Nullable<Text>,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    teams (id) {
        id -> Uuid16,
        name -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use super::super::types::Uuid16;
    team_members (team_id, user_id) {
        team_id -> Uuid16,
        user_id -> Uuid16,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    sessions (id) {
        id -> Uuid16,
        user_id -> Uuid16,
        device_id -> Nullable<Text>,
        device_name -> Nullable<Text>,
        platform -> Nullable<Text>,
        app_version -> Nullable<Text>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        head -> BigInt,
        head_parent -> Nullable<BigInt>,
        head_seen -> Bool,
        created_at -> Moment,
        last_seen_at -> Moment,
        refreshed_at -> Moment,
        expires_at -> Moment,
        revoked_at -> Nullable<Moment>,
        revoked_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use super::super::types::{Moment, Uuid16};
    refresh_tokens (hash) {
        hash -> Binary,
        session_id -> Uuid16,
        generation -> BigInt,
        issued_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    sites (id) {
        id -> Uuid16,
        company_id -> Uuid16,
        name -> Text,
        address -> Nullable<Text>,
        time_zone -> Text,
        search_text -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    contacts (id) {
        id -> Uuid16,
        company_id -> Uuid16,
        site_id -> Nullable<Uuid16>,
        user_id -> Nullable<Uuid16>,
        name -> Text,
        position -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        signing_authority -> Text,
        search_text -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        power_of_attorney -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    price_lists (id) {
        id -> Uuid16,
        name -> Text,
        currency -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    price_items (id) {
        id -> Uuid16,
        price_list_id -> Uuid16,
        code -> Text,
        name -> Text,
        kind -> Text,
        unit -> Text,
        price -> BigInt,
        search_text -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    agreements (id) {
        id -> Uuid16,
        company_id -> Uuid16,
        number -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        by_asset -> Bool,
        by_ticket_type -> Bool,
        by_price_item -> Bool,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        signing_code_required -> Bool,
        deemed_accepted_after_days -> Nullable<BigInt>,
        deemed_acceptance_clause -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::super::types::Uuid16;
    agreement_covers (agreement_id, kind, target_id) {
        agreement_id -> Uuid16,
        kind -> Text,
        target_id -> Uuid16,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    assets (id) {
        id -> Uuid16,
        company_id -> Uuid16,
        site_id -> Nullable<Uuid16>,
        parent_id -> Nullable<Uuid16>,
        name -> Text,
        kind -> Nullable<Text>,
        manufacturer -> Nullable<Text>,
        model -> Nullable<Text>,
        serial_number -> Nullable<Text>,
        inventory_number -> Nullable<Text>,
        external_number -> Nullable<Text>,
        warranty_until -> Nullable<Date>,
        attributes -> Text,
        search_text -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    codes (code) {
        code -> Text,
        state -> Text,
        asset_id -> Nullable<Uuid16>,
        created_at -> Moment,
        changed_at -> Moment,
        batch_id -> Nullable<Uuid16>,
        number -> Nullable<BigInt>,
        printed_at -> Nullable<Moment>,
        claimed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::super::types::{Moment, Uuid16};
    label_batches (id) {
        id -> Uuid16,
        name -> Text,
        first_number -> BigInt,
        last_number -> BigInt,
        created_by -> Uuid16,
        created_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Double, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    code_claims (id) {
        id -> Uuid16,
        code -> Text,
        asset_id -> Uuid16,
        user_id -> Uuid16,
        outcome -> Text,
        holder_id -> Nullable<Uuid16>,
        replaced -> Nullable<Text>,
        sent -> Text,
        claimed_at -> Moment,
        recorded_at -> Moment,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        accuracy_m -> Nullable<Double>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    foreign_codes (id) {
        id -> Uuid16,
        asset_id -> Uuid16,
        kind -> Text,
        value -> Text,
        key -> Text,
        created_by -> Uuid16,
        created_at -> Moment,
        removed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Double, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    scans (id) {
        id -> Uuid16,
        asset_id -> Uuid16,
        user_id -> Uuid16,
        ticket_id -> Nullable<Uuid16>,
        code -> Text,
        scanned_at -> Moment,
        recorded_at -> Moment,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        accuracy_m -> Nullable<Double>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    checklist_templates (id) {
        id -> Uuid16,
        name -> Text,
        per_asset -> Bool,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Text};
    use super::super::types::Uuid16;
    checklist_template_items (template_id, template_version, position) {
        template_id -> Uuid16,
        template_version -> BigInt,
        position -> Integer,
        text -> Text,
        kind -> Text,
        required -> Bool,
        required_on -> Text,
        choices -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    ticket_types (id) {
        id -> Uuid16,
        name -> Text,
        required_fields -> Text,
        gates -> Text,
        team_id -> Nullable<Uuid16>,
        signing_authority -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Integer;
    use super::super::types::Uuid16;
    ticket_type_checklists (ticket_type_id, position) {
        ticket_type_id -> Uuid16,
        position -> Integer,
        template_id -> Uuid16,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};
    statuses (code) {
        code -> Text,
        kind -> Text,
        name_ru -> Text,
        name_uk -> Text,
        name_en -> Text,
        position -> Integer,
        archived -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Text};
    transitions (from_code, to_code) {
        from_code -> Text,
        to_code -> Text,
        roles -> Text,
        gates -> Text,
        comment_required -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer};
    use super::super::types::Moment;
    workflow (id) {
        id -> Integer,
        version -> BigInt,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    tickets (id) {
        id -> Uuid16,
        number -> BigInt,
        type_id -> Uuid16,
        company_id -> Uuid16,
        site_id -> Nullable<Uuid16>,
        contact_id -> Nullable<Uuid16>,
        assignee_id -> Nullable<Uuid16>,
        team_id -> Nullable<Uuid16>,
        status_code -> Text,
        status_kind -> Text,
        waiting_for -> Nullable<Text>,
        priority -> Text,
        subject -> Text,
        description -> Nullable<Text>,
        due_at -> Nullable<Moment>,
        search_text -> Text,
        created_by -> Uuid16,
        started_at -> Nullable<Moment>,
        done_at -> Nullable<Moment>,
        closed_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use super::super::types::{Moment, Uuid16};
    ticket_assets (ticket_id, asset_id) {
        ticket_id -> Uuid16,
        asset_id -> Uuid16,
        linked_at -> Moment,
        scanned_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    checklist_items (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        template_id -> Uuid16,
        template_version -> BigInt,
        asset_id -> Nullable<Uuid16>,
        position -> Integer,
        text -> Text,
        kind -> Text,
        required -> Bool,
        required_on -> Text,
        choices -> Text,
        answer -> Nullable<Text>,
        answered_by -> Nullable<Uuid16>,
        answered_at -> Nullable<Moment>,
        recorded_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    time_entries (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        user_id -> Uuid16,
        kind -> Text,
        started_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        minutes -> BigInt,
        note -> Nullable<Text>,
        visible_to_client -> Bool,
        recorded_by -> Uuid16,
        recorded_at -> Moment,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::super::types::{Moment, Uuid16};
    comments (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        author_id -> Uuid16,
        visibility -> Text,
        text -> Text,
        written_at -> Moment,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Double, Integer, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    attachments (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        author_id -> Uuid16,
        visibility -> Text,
        file_sha256 -> Nullable<Binary>,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
        recorded_at -> Moment,
        archived_at -> Nullable<Moment>,
        status -> Text,
        rejection -> Nullable<Text>,
        checklist_item_id -> Nullable<Uuid16>,
        occurred_at -> Nullable<Moment>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        accuracy_m -> Nullable<Double>,
        original_sha256 -> Nullable<Binary>,
        original_size -> Nullable<BigInt>,
        camera_taken_at -> Nullable<Text>,
        camera_lat -> Nullable<Double>,
        camera_lon -> Nullable<Double>,
        small_sha256 -> Nullable<Binary>,
        large_sha256 -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    uploads (attachment_id) {
        attachment_id -> Uuid16,
        author_id -> Uuid16,
        state -> Text,
        size -> BigInt,
        received -> BigInt,
        metadata -> Text,
        expires_at -> Moment,
        leased_until -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
        generation -> Uuid16,
        tries -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use super::super::types::Uuid16;
    upload_pieces (attachment_id, begins) {
        attachment_id -> Uuid16,
        begins -> BigInt,
        size -> BigInt,
        piece_id -> Uuid16,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    work_lines (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        asset_id -> Nullable<Uuid16>,
        price_item_id -> Nullable<Uuid16>,
        agreement_id -> Nullable<Uuid16>,
        invoice_id -> Nullable<Uuid16>,
        kind -> Text,
        code -> Nullable<Text>,
        name -> Text,
        unit -> Text,
        quantity -> BigInt,
        currency -> Text,
        list_price -> Nullable<BigInt>,
        price -> Nullable<BigInt>,
        vat_mode -> Text,
        vat_rate -> Text,
        amount -> BigInt,
        net -> BigInt,
        vat -> BigInt,
        gross -> BigInt,
        coverage -> Text,
        coverage_reason -> Text,
        added_by -> Uuid16,
        added_at -> Moment,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    acts (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        company_id -> Uuid16,
        number -> Text,
        version -> BigInt,
        status -> Text,
        language -> Text,
        show_prices -> Bool,
        currency -> Text,
        net -> BigInt,
        vat -> BigInt,
        gross -> BigInt,
        required_authority -> Text,
        snapshot -> Text,
        snapshot_sha256 -> Binary,
        form_sha256 -> Binary,
        document_sha256 -> Binary,
        document_size -> BigInt,
        signature_boxes -> Text,
        signed_document_sha256 -> Nullable<Binary>,
        issued_by -> Uuid16,
        issued_at -> Moment,
        signed_at -> Nullable<Moment>,
        resolved_at -> Nullable<Moment>,
        resolved_by -> Nullable<Uuid16>,
        resolution -> Nullable<Text>,
        verification_code -> Nullable<Text>,
        shown_text -> Nullable<Text>,
        shown_sha256 -> Nullable<Binary>,
        shown_as -> Nullable<Text>,
        shown_at -> Nullable<Moment>,
        told_number -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::super::types::Moment;
    phrases (language, name) {
        language -> Text,
        name -> Text,
        text -> Text,
        version -> BigInt,
        changed_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    reserved_numbers (id) {
        id -> Uuid16,
        number -> Text,
        ticket_id -> Nullable<Uuid16>,
        company_id -> Nullable<Uuid16>,
        device_id -> Nullable<Text>,
        reserved_by -> Uuid16,
        created_at -> Moment,
        expires_at -> Moment,
        act_id -> Nullable<Uuid16>,
        voided_at -> Nullable<Moment>,
        voided_by -> Nullable<Uuid16>,
        void_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use super::super::types::Uuid16;
    act_lines (act_id, position) {
        act_id -> Uuid16,
        position -> Integer,
        work_line_id -> Uuid16,
        coverage -> Text,
        name -> Text,
        unit -> Text,
        quantity -> BigInt,
        price -> Nullable<BigInt>,
        vat_mode -> Text,
        vat_rate -> Text,
        amount -> BigInt,
        net -> BigInt,
        vat -> BigInt,
        gross -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Double, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    signatures (id) {
        id -> Uuid16,
        act_id -> Uuid16,
        party -> Text,
        contact_id -> Nullable<Uuid16>,
        signer_name -> Text,
        signer_position -> Nullable<Text>,
        authority -> Text,
        outcome -> Text,
        remarks -> Nullable<Text>,
        method -> Text,
        document_sha256 -> Binary,
        ink -> Nullable<Text>,
        image_sha256 -> Nullable<Binary>,
        signed_at -> Moment,
        recorded_at -> Moment,
        recorded_by -> Uuid16,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        device_id -> Nullable<Text>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        accuracy_m -> Nullable<Double>,
        signature_sha256 -> Binary,
        shown_sha256 -> Nullable<Binary>,
        shown_as -> Nullable<Text>,
        link_id -> Nullable<Uuid16>,
        consent -> Nullable<Text>,
        code_id -> Nullable<Uuid16>,
        power_of_attorney -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    use super::super::types::{Moment, Uuid16};
    invoices (id) {
        id -> Uuid16,
        number -> Text,
        company_id -> Uuid16,
        status -> Text,
        language -> Text,
        currency -> Text,
        net -> BigInt,
        vat -> BigInt,
        gross -> BigInt,
        snapshot -> Text,
        snapshot_sha256 -> Binary,
        form_sha256 -> Binary,
        document_sha256 -> Binary,
        document_size -> BigInt,
        issued_by -> Uuid16,
        issued_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Text};
    use super::super::types::Uuid16;
    invoice_lines (invoice_id, position) {
        invoice_id -> Uuid16,
        position -> Integer,
        act_id -> Uuid16,
        work_line_id -> Uuid16,
        name -> Text,
        unit -> Text,
        quantity -> BigInt,
        price -> BigInt,
        vat_mode -> Text,
        vat_rate -> Text,
        amount -> BigInt,
        net -> BigInt,
        vat -> BigInt,
        gross -> BigInt,
    }
}
diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    reports (id) {
        id -> Uuid16,
        number -> BigInt,
        state -> Text,
        asset_id -> Uuid16,
        company_id -> Uuid16,
        site_id -> Nullable<Uuid16>,
        code -> Text,
        text -> Text,
        reporter_name -> Nullable<Text>,
        reporter_phone -> Nullable<Text>,
        language -> Text,
        same_count -> BigInt,
        ticket_id -> Nullable<Uuid16>,
        decided_by -> Nullable<Uuid16>,
        decided_at -> Nullable<Moment>,
        reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
    use super::super::types::Uuid16;
    report_photos (report_id, position) {
        report_id -> Uuid16,
        position -> Integer,
        file_sha256 -> Binary,
        media_type -> Text,
        size -> BigInt,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
    }
}

diesel::table! {
    use super::super::types::{Moment, Uuid16};
    report_echoes (id) {
        id -> Uuid16,
        report_id -> Uuid16,
        at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Binary;
    use super::super::types::{Moment, Uuid16};
    report_marks (id) {
        id -> Uuid16,
        subject -> Binary,
        at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    printers (id) {
        id -> Uuid16,
        name -> Text,
        kind -> Text,
        dpi -> BigInt,
        offset_x -> BigInt,
        offset_y -> BigInt,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    label_jobs (id) {
        id -> Uuid16,
        status -> Text,
        title -> Text,
        setup -> Text,
        source -> Text,
        language -> Text,
        total -> BigInt,
        done -> BigInt,
        skipped -> BigInt,
        failure -> Nullable<Text>,
        file_sha256 -> Nullable<Binary>,
        file_size -> Nullable<BigInt>,
        worker -> Nullable<Uuid16>,
        heartbeat_at -> Nullable<Moment>,
        created_by -> Uuid16,
        started_at -> Nullable<Moment>,
        finished_at -> Nullable<Moment>,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        tries -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    label_prints (id) {
        id -> Uuid16,
        code -> Text,
        asset_id -> Nullable<Uuid16>,
        user_id -> Uuid16,
        job_id -> Nullable<Uuid16>,
        medium -> Text,
        printed_at -> Moment,
    }
}

diesel::joinable!(assets -> companies (company_id));
diesel::joinable!(codes -> assets (asset_id));
diesel::joinable!(codes -> label_batches (batch_id));
diesel::joinable!(foreign_codes -> assets (asset_id));
diesel::joinable!(ticket_assets -> assets (asset_id));
diesel::joinable!(ticket_assets -> tickets (ticket_id));
diesel::joinable!(tickets -> companies (company_id));
diesel::joinable!(tickets -> ticket_types (type_id));
diesel::joinable!(act_lines -> acts (act_id));
diesel::joinable!(act_lines -> work_lines (work_line_id));
diesel::joinable!(acts -> tickets (ticket_id));
diesel::joinable!(event_chain -> events (event_id));
diesel::joinable!(invoice_lines -> invoices (invoice_id));
diesel::joinable!(unsealed_events -> events (event_id));
diesel::allow_tables_to_appear_in_same_query!(
    act_lines,
    acts,
    agreement_covers,
    agreements,
    assets,
    attachments,
    checklist_items,
    code_claims,
    codes,
    comments,
    companies,
    contacts,
    foreign_codes,
    invoice_lines,
    invoices,
    label_batches,
    price_items,
    price_lists,
    refresh_tokens,
    reports,
    scans,
    sessions,
    signatures,
    sites,
    statuses,
    team_members,
    teams,
    ticket_assets,
    ticket_types,
    tickets,
    time_entries,
    users,
    work_lines,
);
diesel::allow_tables_to_appear_in_same_query!(event_chain, events, unsealed_events);

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    seals (id) {
        id -> Uuid16,
        origin -> Text,
        certificates -> Binary,
        certificate_sha256 -> Binary,
        locked_key -> Binary,
        in_use -> Bool,
        created_at -> Moment,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use super::super::types::{Moment, Uuid16};
    sealed_copies (sha256) {
        sha256 -> Binary,
        act_id -> Uuid16,
        decisions -> BigInt,
        seal_id -> Uuid16,
        evidence_sha256 -> Binary,
        sealed_at -> Moment,
    }
}
diesel::allow_tables_to_appear_in_same_query!(acts, sealed_copies);

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use super::super::types::Moment;
    secrets (name) {
        name -> Text,
        value -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    imports (id) {
        id -> Uuid16,
        kind -> Text,
        state -> Text,
        company_id -> Nullable<Uuid16>,
        site_id -> Nullable<Uuid16>,
        create_missing -> Bool,
        file_sha256 -> Binary,
        file_name -> Text,
        file_size -> BigInt,
        sheet -> Nullable<Text>,
        header_row -> BigInt,
        mapping -> Text,
        warnings -> Text,
        to_add -> BigInt,
        to_change -> BigInt,
        same -> BigInt,
        mistakes -> BigInt,
        author_id -> Uuid16,
        done_by -> Nullable<Uuid16>,
        done_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::Uuid16;
    import_rows (import_id, number) {
        import_id -> Uuid16,
        number -> BigInt,
        outcome -> Text,
        record_id -> Nullable<Uuid16>,
        notes -> Nullable<Text>,
    }
}
diesel::allow_tables_to_appear_in_same_query!(assets, import_rows);

diesel::table! {
    use diesel::sql_types::Integer;
    use super::super::types::{Moment, Uuid16};
    installation (id) {
        id -> Integer,
        epoch -> Uuid16,
        began_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer};
    audit_nodes (height, position) {
        height -> Integer,
        position -> BigInt,
        last_seq -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use super::super::types::Moment;
    audit_roots (tree_size) {
        tree_size -> BigInt,
        head_seq -> BigInt,
        head -> Binary,
        root -> Binary,
        made_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    sync_changes (seq) {
        seq -> BigInt,
        at -> Moment,
        object_kind -> Text,
        object_id -> Uuid16,
        company_id -> Nullable<Uuid16>,
        ticket_id -> Nullable<Uuid16>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer};
    use super::super::types::Uuid16;
    sync_state (id) {
        id -> Integer,
        forgotten_seq -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    sync_given (user_id, kind, record_id) {
        user_id -> Uuid16,
        kind -> Text,
        record_id -> Uuid16,
        since_seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        access -> Text,
        changed_at -> Moment,
        went_at -> Nullable<Moment>,
        told_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    status_changes (id) {
        id -> Uuid16,
        ticket_id -> Uuid16,
        user_id -> Uuid16,
        from_status -> Text,
        to_status -> Text,
        comment -> Nullable<Text>,
        waiting_for -> Nullable<Text>,
        occurred_at -> Moment,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    sync_issues (id) {
        id -> Uuid16,
        user_id -> Uuid16,
        device_id -> Nullable<Text>,
        ticket_id -> Nullable<Uuid16>,
        table_name -> Text,
        row_id -> Text,
        status -> Text,
        code -> Text,
        message -> Text,
        details -> Text,
        pushed -> Text,
        pushed_sha256 -> Binary,
        created_at -> Moment,
        acknowledged_at -> Nullable<Moment>,
        looked_at -> Nullable<Moment>,
        looked_by -> Nullable<Uuid16>,
    }
}
diesel::allow_tables_to_appear_in_same_query!(code_claims, reserved_numbers, sync_changes, sync_issues);
diesel::allow_tables_to_appear_in_same_query!(sync_issues, tickets);

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    act_links (id) {
        id -> Uuid16,
        act_id -> Uuid16,
        contact_id -> Nullable<Uuid16>,
        token_hash -> Binary,
        expires_at -> Moment,
        viewed_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        revoked_by -> Nullable<Uuid16>,
        created_by -> Uuid16,
        created_at -> Moment,
        send_by -> Text,
        email -> Nullable<Text>,
        copy_to -> Nullable<Text>,
    }
}
diesel::joinable!(act_links -> acts (act_id));
diesel::allow_tables_to_appear_in_same_query!(act_links, acts);

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    messages (id) {
        id -> Uuid16,
        kind -> Text,
        state -> Text,
        occasion -> Text,
        act_id -> Uuid16,
        link_id -> Nullable<Uuid16>,
        company_id -> Uuid16,
        recipient -> Text,
        recipient_name -> Nullable<Text>,
        language -> Text,
        secret -> Nullable<Binary>,
        tries -> BigInt,
        next_try_at -> Moment,
        sender -> Nullable<Uuid16>,
        leased_until -> Nullable<Moment>,
        expires_at -> Moment,
        failure -> Nullable<Text>,
        failure_detail -> Nullable<Text>,
        sent_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    signing_codes (id) {
        id -> Uuid16,
        act_id -> Uuid16,
        link_id -> Uuid16,
        address -> Text,
        code_hash -> Binary,
        tries -> BigInt,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use super::super::types::Uuid16;
    signing_code_tries (subject) {
        subject -> Uuid16,
        tries -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    signing_rules (id) {
        id -> Uuid16,
        ticket_type_id -> Nullable<Uuid16>,
        company_id -> Nullable<Uuid16>,
        site_id -> Nullable<Uuid16>,
        currency -> Text,
        employee_limit -> Nullable<BigInt>,
        walk_ins -> Bool,
        note -> Nullable<Text>,
        scope -> Text,
        archived_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Double, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    act_absences (id) {
        id -> Uuid16,
        act_id -> Uuid16,
        reason -> Text,
        attachment_id -> Uuid16,
        photo_sha256 -> Binary,
        document_sha256 -> Binary,
        occurred_at -> Moment,
        recorded_at -> Moment,
        recorded_by -> Uuid16,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        device_id -> Nullable<Text>,
        lat -> Nullable<Double>,
        lon -> Nullable<Double>,
        accuracy_m -> Nullable<Double>,
        absence_sha256 -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use super::super::types::{Moment, Uuid16};
    act_terms (act_id) {
        act_id -> Uuid16,
        rule_id -> Nullable<Uuid16>,
        employee_limit -> Nullable<BigInt>,
        walk_ins -> Bool,
        after_days -> Nullable<BigInt>,
        clause -> Nullable<Text>,
        due_on -> Nullable<Date>,
        acceptance_due_at -> Nullable<Moment>,
        deemed_accepted_at -> Nullable<Moment>,
    }
}
diesel::joinable!(act_terms -> acts (act_id));
diesel::allow_tables_to_appear_in_same_query!(act_terms, acts);
