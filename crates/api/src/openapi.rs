//! The contract: OpenAPI 3.1, made from the handlers, with what holds for all of them added here.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, License, OpenApi, OpenApiBuilder, Ref, RefOr,
    Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{Detail, ErrorBody};
use crate::routes;

/// What any route may answer besides its own document.
const FAILURES: [(&str, &str); 7] = [
    ("400", "A parameter is missing or wrong"),
    ("401", "The key is missing or wrong"),
    (
        "403",
        "The server was addressed by a name that is not its own",
    ),
    ("404", "There is no such drive or file"),
    ("409", "A setting forbids it, or somebody else is at it"),
    ("500", "A database is damaged, or the program has a bug"),
    (
        "503",
        "It took too long, or a database is in use; ask again",
    ),
];

/// Returns the document as it is served and checked in.
pub fn document() -> String {
    let (_, mut api) = routes::documented().split_for_parts();
    for item in api.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.delete]
            .into_iter()
            .flatten()
        {
            let answers = &mut operation.responses.responses;
            if let Some(RefOr::T(good)) = answers.get_mut("200") {
                good.description = "What was asked for".into();
            }
            for (status, text) in FAILURES {
                answers
                    .entry(status.into())
                    .or_insert_with(|| failure(text));
            }
            let unchanged =
                Response::new("The client has the newest answer: `If-None-Match` named it");
            answers.entry("304".into()).or_insert(RefOr::T(unchanged));
        }
    }
    // Of text there is nothing that cannot be written.
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

fn failure(text: &str) -> RefOr<Response> {
    let body = Content::new(Some(Ref::from_schema_name(ErrorBody::name())));
    RefOr::T(
        ResponseBuilder::new()
            .description(text)
            .content("application/json", body)
            .build(),
    )
}

/// Returns the document without routes.
pub(crate) fn head() -> OpenApi {
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "X-API-Key",
        "The setting `api.api_key`, or what the server was started with",
    )));
    let components = ComponentsBuilder::new()
        .schema(ErrorBody::name(), ErrorBody::schema())
        .schema(Detail::name(), Detail::schema())
        .security_scheme("key", key);
    let info = InfoBuilder::new()
        .title("VideoCatalog Local API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "What is known of every file on every drive, plugged in or not. Read-only.",
        ))
        .license(Some(License::new(env!("CARGO_PKG_LICENSE"))));
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new(
            "key",
            Vec::<String>::new(),
        )]))
        .build()
}
