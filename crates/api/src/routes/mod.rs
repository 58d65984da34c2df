//! All routes, each with its documentation, and what every request passes on its way to one.

mod drives;
mod duplicates;
mod features;
mod health;
mod inventory;
mod jobs;
mod page;
mod reports;
mod search;
pub(crate) mod semantic;
mod stats;
mod thumb;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::{cors, host, key, requests};
use crate::openapi;
use crate::problem::Problem;
use crate::state::Api;

/// Returns the routes that are documented.
pub(crate) fn documented() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(health::health))
        .routes(routes!(drives::drives))
        .routes(routes!(inventory::inventory))
        .routes(routes!(inventory::file))
        .routes(routes!(search::search))
        .routes(routes!(stats::stats))
        .routes(routes!(reports::overview))
        .routes(routes!(reports::top_extensions))
        .routes(routes!(reports::largest_files))
        .routes(routes!(reports::heaviest_folders))
        .routes(routes!(reports::recent))
        .routes(routes!(duplicates::duplicates))
        .routes(routes!(features::features))
        .routes(routes!(features::vector))
        .routes(routes!(jobs::jobs))
        .routes(routes!(semantic::search))
        .routes(routes!(semantic::status, semantic::orders::index))
        .routes(routes!(semantic::orders::transcribe))
        .routes(routes!(semantic::orders::job, semantic::orders::stop))
        .routes(routes!(semantic::transcript::transcript))
        .routes(routes!(thumb::thumb))
}

/// Returns the whole service.
///
/// # Errors
/// An origin that cannot be one.
pub(crate) fn router(api: Api) -> Result<Router, String> {
    let cors = cors::layer(&api.config.cors_origins).map_err(Clone::clone)?;
    let (routes, _) = documented().split_for_parts();
    // Whatever is not public needs the key, and what is not there too: nobody learns from outside what there is.
    let private = routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(api.clone(), key::check));
    let public = Router::new()
        .route("/openapi.json", get(document))
        .merge(crate::page::routes())
        .method_not_allowed_fallback(method_not_allowed);
    Ok(public
        .merge(private)
        .with_state(api.clone())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(cors)
        .layer(from_fn_with_state(api.clone(), host::check))
        .layer(CatchPanicLayer::custom(requests::panicked))
        .layer(from_fn_with_state(api, requests::around)))
}

async fn document() -> impl axum::response::IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, openapi::document())
}

async fn not_found() -> Problem {
    Problem::missing("Not Found")
}

async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use utoipa::IntoParams;

    use super::*;
    use crate::parameters::{Parameters, Read};
    use crate::state::tests::api;

    fn check<P: Read + IntoParams>() {
        let mut query = Parameters::new("");
        P::read(&mut query, &api(Path::new("nowhere")));
        let documented = P::into_params(|| None);
        let mut names: Vec<String> = documented.iter().map(|one| one.name.clone()).collect();
        let mut read = query.names.clone();
        names.sort_unstable();
        read.sort_unstable();
        assert_eq!(names, read);
        // What is missed where nothing was given is what is documented as required.
        let is_required = |one: &&utoipa::openapi::path::Parameter| {
            matches!(one.required, utoipa::openapi::Required::True)
        };
        let mut required: Vec<&str> = documented
            .iter()
            .filter(is_required)
            .map(|one| &*one.name)
            .collect();
        let mut missed: Vec<&str> = query.wrong.iter().map(|wrong| &*wrong.loc[1]).collect();
        required.sort_unstable();
        missed.sort_unstable();
        assert_eq!(required, missed);
    }

    #[test]
    fn parameters_are_documented_as_they_are_read() {
        check::<crate::drives::DriveOnly>();
        check::<features::Features>();
        check::<features::OneFeature>();
        check::<inventory::Inventory>();
        check::<inventory::OneFile>();
        check::<jobs::Jobs>();
        check::<reports::Folders>();
        check::<reports::Since>();
        check::<reports::Top<1>>();
        check::<search::Search>();
        check::<semantic::Search>();
        check::<semantic::orders::HowToBuild>();
        check::<semantic::orders::OneJob>();
        check::<semantic::transcript::OfFile>();
        check::<thumb::Thumb>();
    }
}
