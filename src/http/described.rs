//! How refusals stand in the API's description.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Ref, RefOr, Response};

/// The refusals every operation may answer with; all have the same shape.
pub struct Problems;

/// The statuses of refusals, and what each means.
pub const STATUSES: [(&str, &str); 12] = [
    ("400", "The request cannot be read"),
    ("401", "Not signed in, or the session has ended"),
    ("403", "The role does not allow it"),
    ("404", "Not there, or not yours to see"),
    ("405", "This address does not take that method"),
    ("409", "It contradicts what is so already"),
    ("412", "Changed by somebody else meanwhile"),
    ("413", "Too large"),
    ("415", "A kind of body this address does not take"),
    ("422", "Some field or rule is not satisfied"),
    ("429", "Too many attempts"),
    ("503", "Too much to do at the moment"),
];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        STATUSES
            .iter()
            .map(|(status, _)| ((*status).to_owned(), RefOr::Ref(Ref::from_response_name(format!("Problem{status}")))))
            .collect()
    }
}
