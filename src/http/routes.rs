//! Where features put their routes: a server takes them to answer, the API's document to describe them. A server does not
//! describe what it serves; that would be most of the memory it starts with.

use actix_web::dev::HttpServiceFactory;
use utoipa_actix_web::OpenApiFactory;

/// A place for routes.
pub enum Routes<'a, 'b> {
    /// They are going to be served.
    Served(&'a mut actix_web::web::ServiceConfig),
    /// They are going to be described.
    Described(&'a mut utoipa_actix_web::service_config::ServiceConfig<'b>),
}

impl Routes<'_, '_> {
    /// Adds a route.
    pub fn service<F>(&mut self, route: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        match self {
            Self::Served(served) => {
                served.service(route);
            }
            Self::Described(described) => {
                described.service(route);
            }
        }
        self
    }

    /// Adds all routes of a feature.
    pub fn configure(&mut self, feature: impl FnOnce(&mut Routes<'_, '_>)) -> &mut Self {
        feature(self);
        self
    }
}
