//! The one table of what each role may do. A route without a row here is closed to everybody, and a test fails.

use Role::{Admin, Client, Dispatcher, Manager, Technician};

use crate::db::types::text_enum;

text_enum! {
    /// What somebody is here.
    Role {
        /// Works on site.
        Technician = "technician",
        /// Takes, assigns and follows tickets.
        Dispatcher = "dispatcher",
        /// Answers for contracts, prices and invoices.
        Manager = "manager",
        /// Answers for the installation.
        Admin = "admin",
        /// An employee of a client's.
        Client = "client",
    }
}

/// Who may reach a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, without signing in.
    Public,
    /// These roles.
    Roles(&'static [Role]),
}

/// Anybody who has signed in.
const ALL: Who = Who::Roles(&[Technician, Dispatcher, Manager, Admin, Client]);
/// The provider's own side.
const STAFF: Who = Who::Roles(&[Technician, Dispatcher, Manager, Admin]);
/// Those who direct the work.
const OFFICE: Who = Who::Roles(&[Dispatcher, Manager, Admin]);
/// Those who answer for money and contracts.
const BOOKS: Who = Who::Roles(&[Manager, Admin]);
/// Those who answer for the installation.
const ADMIN: Who = Who::Roles(&[Admin]);
/// Those who direct the work, and clients about themselves.
const PARTIES: Who = Who::Roles(&[Dispatcher, Manager, Admin, Client]);
const PUBLIC: Who = Who::Public;

/// A row: method, path below `/api/v1`, who.
pub type Row = (&'static str, &'static str, Who);

/// Every route of the API. What a role may reach says nothing about which records it sees there: that is each feature's
/// `visible` query.
pub const ROUTES: &[Row] = &[
    ("GET", "/openapi.json", PUBLIC),
    // The session
    ("POST", "/auth/login", PUBLIC),
    ("POST", "/auth/refresh", PUBLIC),
    ("POST", "/auth/logout", ALL),
    ("GET", "/me", ALL),
    ("PATCH", "/me", ALL),
    ("PUT", "/me/password", ALL),
    ("GET", "/sessions", ALL),
    ("POST", "/sessions/revoke-others", ALL),
    ("DELETE", "/sessions/{id}", ALL),
    // Our own side
    ("GET", "/provider", ALL),
    ("PUT", "/provider", BOOKS),
    ("GET", "/tax-regimes", BOOKS),
    ("POST", "/tax-regimes", BOOKS),
    ("GET", "/tax-regimes/{id}", BOOKS),
    ("PATCH", "/tax-regimes/{id}", BOOKS),
    ("GET", "/tax-in-force", BOOKS),
    ("GET", "/tax-rates", BOOKS),
    ("GET", "/users", OFFICE),
    ("POST", "/users", BOOKS),
    ("GET", "/users/{id}", OFFICE),
    ("PATCH", "/users/{id}", BOOKS),
    ("PUT", "/users/{id}/password", BOOKS),
    ("GET", "/teams", STAFF),
    ("POST", "/teams", BOOKS),
    ("GET", "/teams/{id}", STAFF),
    ("PATCH", "/teams/{id}", BOOKS),
    // Clients
    ("GET", "/companies", ALL),
    ("POST", "/companies", BOOKS),
    ("GET", "/companies/{id}", ALL),
    ("PATCH", "/companies/{id}", BOOKS),
    ("GET", "/companies/{id}/work-report", PARTIES),
    ("GET", "/companies/{id}/dispute-pack", PARTIES),
    ("POST", "/identifiers/check", STAFF),
    ("GET", "/sites", ALL),
    ("POST", "/sites", BOOKS),
    ("GET", "/sites/{id}", ALL),
    ("PATCH", "/sites/{id}", BOOKS),
    ("GET", "/contacts", ALL),
    ("POST", "/contacts", OFFICE),
    ("GET", "/contacts/{id}", ALL),
    ("PATCH", "/contacts/{id}", OFFICE),
    ("GET", "/agreements", OFFICE),
    ("POST", "/agreements", BOOKS),
    ("GET", "/agreements/{id}", OFFICE),
    ("PATCH", "/agreements/{id}", BOOKS),
    // Prices
    ("GET", "/price-lists", STAFF),
    ("POST", "/price-lists", BOOKS),
    ("GET", "/price-lists/{id}", STAFF),
    ("PATCH", "/price-lists/{id}", BOOKS),
    ("GET", "/price-lists/{id}/items", STAFF),
    ("POST", "/price-lists/{id}/items", BOOKS),
    ("GET", "/price-items/{id}", STAFF),
    ("PATCH", "/price-items/{id}", BOOKS),
    // Rules of work
    ("GET", "/checklist-templates", STAFF),
    ("POST", "/checklist-templates", BOOKS),
    ("GET", "/checklist-templates/{id}", STAFF),
    ("PATCH", "/checklist-templates/{id}", BOOKS),
    ("GET", "/ticket-types", ALL),
    ("POST", "/ticket-types", BOOKS),
    ("GET", "/ticket-types/{id}", ALL),
    ("PATCH", "/ticket-types/{id}", BOOKS),
    ("GET", "/signing-rules", BOOKS),
    ("POST", "/signing-rules", BOOKS),
    ("GET", "/signing-rules/{id}", BOOKS),
    ("PATCH", "/signing-rules/{id}", BOOKS),
    ("GET", "/workflow", ALL),
    ("PUT", "/workflow", ADMIN),
    // Assets and labels
    ("GET", "/assets", ALL),
    ("POST", "/assets", STAFF),
    ("GET", "/assets/{id}", ALL),
    ("PATCH", "/assets/{id}", STAFF),
    ("GET", "/assets/{id}/children", ALL),
    ("GET", "/assets/{id}/history", STAFF),
    ("GET", "/assets/{id}/label.png", STAFF),
    ("GET", "/assets/{id}/label.svg", STAFF),
    ("GET", "/assets/{id}/label.pdf", STAFF),
    ("GET", "/assets/{id}/label.zpl", STAFF),
    ("GET", "/assets/{id}/label.tspl", STAFF),
    ("POST", "/assets/{id}/codes", STAFF),
    ("GET", "/assets/{id}/card", ALL),
    ("GET", "/assets/{id}/foreign-codes", ALL),
    ("POST", "/assets/{id}/foreign-codes", STAFF),
    ("DELETE", "/assets/{id}/foreign-codes/{code_id}", STAFF),
    ("GET", "/codes", STAFF),
    ("GET", "/codes/{code}", STAFF),
    ("POST", "/codes/{code}/claims", STAFF),
    ("POST", "/codes/{code}/revocation", STAFF),
    ("GET", "/label-batches", STAFF),
    ("POST", "/label-batches", OFFICE),
    ("GET", "/label-batches/{id}", STAFF),
    ("GET", "/label-batches/{id}/codes", STAFF),
    ("POST", "/label-batches/{id}/void", OFFICE),
    ("POST", "/label-sheets", STAFF),
    ("POST", "/label-rolls", STAFF),
    ("GET", "/label-media", STAFF),
    ("GET", "/label-jobs", STAFF),
    ("POST", "/label-jobs", STAFF),
    ("GET", "/label-jobs/{id}", STAFF),
    ("GET", "/label-jobs/{id}/labels.pdf", STAFF),
    ("DELETE", "/label-jobs/{id}", STAFF),
    ("GET", "/printers/calibration.pdf", STAFF),
    ("GET", "/printers", STAFF),
    ("POST", "/printers", STAFF),
    ("GET", "/printers/{id}", STAFF),
    ("PATCH", "/printers/{id}", STAFF),
    ("POST", "/printers/{id}/calibration", STAFF),
    ("GET", "/scan/{code}", ALL),
    ("POST", "/scan/photo", ALL),
    // Tables that people have
    ("GET", "/imports", OFFICE),
    ("POST", "/imports", OFFICE),
    ("GET", "/imports/{id}", OFFICE),
    ("GET", "/imports/{id}/rows", OFFICE),
    ("PUT", "/imports/{id}/mapping", OFFICE),
    ("POST", "/imports/{id}/run", OFFICE),
    ("GET", "/import-templates/{kind}.xlsx", OFFICE),
    ("GET", "/import-templates/{kind}.csv", OFFICE),
    // What people without a login reported: their telephone numbers are for those who take calls
    ("GET", "/reports", OFFICE),
    ("GET", "/reports/{id}", OFFICE),
    ("GET", "/reports/{id}/photos/{position}", OFFICE),
    ("POST", "/reports/{id}/ticket", OFFICE),
    ("POST", "/reports/{id}/dismissal", OFFICE),
    // Tickets
    ("GET", "/tickets", ALL),
    ("POST", "/tickets", ALL),
    ("GET", "/tickets/{id}", ALL),
    ("PATCH", "/tickets/{id}", STAFF),
    ("POST", "/tickets/{id}/assignee", STAFF),
    ("POST", "/tickets/{id}/scans", STAFF),
    ("POST", "/tickets/{id}/assets", STAFF),
    ("DELETE", "/tickets/{id}/assets/{asset_id}", STAFF),
    ("POST", "/tickets/{id}/status", STAFF),
    ("GET", "/tickets/{id}/completion", STAFF),
    ("GET", "/tickets/{id}/history", STAFF),
    ("GET", "/tickets/{id}/dispute-pack", ALL),
    ("GET", "/tickets/{id}/checklist", ALL),
    ("PUT", "/tickets/{id}/checklist/{item_id}", STAFF),
    ("GET", "/tickets/{id}/time-entries", ALL),
    ("POST", "/tickets/{id}/time-entries", STAFF),
    ("PATCH", "/time-entries/{id}", STAFF),
    ("DELETE", "/time-entries/{id}", STAFF),
    ("GET", "/tickets/{id}/work-lines", STAFF),
    ("POST", "/tickets/{id}/work-lines", STAFF),
    ("PATCH", "/work-lines/{id}", STAFF),
    ("DELETE", "/work-lines/{id}", STAFF),
    ("GET", "/tickets/{id}/comments", ALL),
    ("POST", "/tickets/{id}/comments", ALL),
    ("GET", "/tickets/{id}/attachments", ALL),
    ("POST", "/tickets/{id}/attachments", ALL),
    ("GET", "/attachments/{id}", ALL),
    ("GET", "/attachments/{id}/content", ALL),
    ("GET", "/attachments/{id}/thumbnail", ALL),
    // With the place where the phone was: for those who answer for a dispute
    ("GET", "/attachments/{id}/original", BOOKS),
    ("DELETE", "/attachments/{id}", STAFF),
    ("POST", "/tickets/{id}/attachments/expected", ALL),
    // Uploads: each sees one's own only
    ("OPTIONS", "/uploads", PUBLIC),
    ("POST", "/uploads", ALL),
    ("HEAD", "/uploads/{id}", ALL),
    ("PATCH", "/uploads/{id}", ALL),
    ("DELETE", "/uploads/{id}", ALL),
    // What phones hold
    ("GET", "/sync/pull", STAFF),
    ("POST", "/sync/push", STAFF),
    ("GET", "/sync/schema", STAFF),
    ("GET", "/sync/rx/{table}/pull", STAFF),
    ("POST", "/sync/rx/{table}/push", STAFF),
    ("GET", "/sync/rx/stream", STAFF),
    ("GET", "/sync/late-work", OFFICE),
    ("POST", "/sync/late-work/{id}/look", OFFICE),
    ("GET", "/tickets/{id}/refused-signatures", STAFF),
    // Acts
    ("GET", "/tickets/{id}/acts", ALL),
    ("POST", "/tickets/{id}/acts", STAFF),
    ("POST", "/tickets/{id}/acts/draft", STAFF),
    ("POST", "/tickets/{id}/signing-pack", STAFF),
    ("GET", "/reserved-act-numbers", BOOKS),
    ("POST", "/reserved-act-numbers", STAFF),
    ("POST", "/reserved-act-numbers/release", STAFF),
    ("POST", "/reserved-act-numbers/{id}/void", BOOKS),
    ("GET", "/acts", ALL),
    ("GET", "/acts/{id}", ALL),
    ("GET", "/acts/{id}/document.pdf", ALL),
    ("GET", "/acts/{id}/signed.pdf", ALL),
    ("GET", "/acts/{id}/evidence.json", ALL),
    ("GET", "/acts/{id}/text.txt", ALL),
    ("GET", "/acts/{id}/shown.txt", ALL),
    // Links by which the client signs without a login
    ("GET", "/acts/{id}/links", STAFF),
    ("POST", "/acts/{id}/links", STAFF),
    ("POST", "/acts/{id}/links/{link_id}/revocation", STAFF),
    ("GET", "/acts/{id}/events", STAFF),
    // What went out by mail
    ("GET", "/messages", OFFICE),
    ("GET", "/messages/{id}", OFFICE),
    ("POST", "/messages/{id}/retry", OFFICE),
    ("GET", "/acts/{id}/signatures", ALL),
    ("POST", "/acts/{id}/signatures", ALL),
    ("GET", "/acts/{id}/signers", ALL),
    ("GET", "/acts/{id}/absence", ALL),
    ("POST", "/acts/{id}/absence", STAFF),
    ("POST", "/acts/{id}/resolution", BOOKS),
    ("POST", "/acts/{id}/void", BOOKS),
    // Money
    ("GET", "/billing-queue", BOOKS),
    ("GET", "/invoices", BOOKS),
    ("POST", "/invoices", BOOKS),
    ("GET", "/invoices/{id}", BOOKS),
    ("GET", "/invoices/{id}/document.pdf", BOOKS),
    ("GET", "/invoices/{id}/payment-qr", BOOKS),
    // Forms and the record of what happened
    ("GET", "/print-forms", BOOKS),
    ("GET", "/print-forms/{file}", BOOKS),
    ("PUT", "/print-forms/{file}", BOOKS),
    ("DELETE", "/print-forms/{file}", BOOKS),
    ("POST", "/print-forms/{file}/preview", BOOKS),
    ("GET", "/events", BOOKS),
    ("GET", "/events/verification", ADMIN),
    ("GET", "/audit/roots", BOOKS),
    ("GET", "/audit/proof", BOOKS),
    ("GET", "/audit/consistency", BOOKS),
];

/// Who may reach the route with this pattern; nothing when it is not in the table.
pub fn who(method: &str, pattern: &str) -> Option<Who> {
    let path = pattern.strip_prefix("/api/v1")?;
    ROUTES.iter().find(|(verb, route, _)| *verb == method && *route == path).map(|(_, _, who)| *who)
}

/// The methods a path of the API takes, for `Allow`.
pub fn methods(pattern: &str) -> Vec<&'static str> {
    let Some(path) = pattern.strip_prefix("/api/v1") else { return Vec::new() };
    ROUTES.iter().filter(|(_, route, _)| *route == path).map(|(verb, _, _)| *verb).collect()
}

/// What a role may do with a record that it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Move a ticket although a gate is closed; needs a reason.
    OverrideGates,
    /// Give a ticket to anybody. Without it one may only take a ticket of one's own team.
    AssignOthers,
    /// Log time for somebody else.
    LogTimeForOthers,
    /// Add time to a ticket that is closed.
    LogTimeLate,
    /// Change what somebody else entered.
    EditOthersWork,
    /// Make, change or unmake administrators.
    ManageAdmins,
    /// Read comments and files that are not for clients.
    SeeInternal,
    /// Add or change companies and sites by importing them.
    DescribeClients,
    /// Give a work another rate of tax than the regime's.
    ChooseTaxRate,
}

impl Permission {
    /// Who has it.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::OverrideGates | Self::LogTimeLate | Self::DescribeClients | Self::ChooseTaxRate => &[Manager, Admin],
            Self::AssignOthers | Self::LogTimeForOthers | Self::EditOthersWork => &[Dispatcher, Manager, Admin],
            Self::ManageAdmins => &[Admin],
            Self::SeeInternal => &[Technician, Dispatcher, Manager, Admin],
        }
    }
}
