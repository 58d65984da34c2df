//! Pictures of files. They are asked for by number, never by path, and lie beside the drive's shard.

use axum::extract::State;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use videocatalog_core::catalog::pictures::Pictures;
use videocatalog_core::media::pictures::PictureKind;

use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read, one_of};
use crate::problem::Problem;
use crate::state::Api;
use crate::work::Work;

/// The kinds and their names; the first that a file has is shown where none is named.
const KINDS: [(&str, Option<PictureKind>); 5] = [
    ("any", None),
    ("poster", Some(PictureKind::Poster)),
    ("thumbnail", Some(PictureKind::Thumbnail)),
    ("cover", Some(PictureKind::Cover)),
    ("sheet", Some(PictureKind::Sheet)),
];

/// Which picture.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Thumb {
    /// The drive.
    drive_label: String,
    /// The file's number on its drive.
    #[param(minimum = 0)]
    file_id: i64,
    #[param(required = false, schema_with = kind_names)]
    kind: Option<PictureKind>,
}

fn kind_names() -> Schema {
    one_of(
        "What it shows: one frame of a film, an image made small, the cover of music, nine frames of a film.",
        &KINDS,
    )
}

/// A picture, as OpenAPI 3.1 says it: a string of another type than JSON's.
struct Webp;

impl PartialSchema for Webp {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new().schema_type(Type::String);
        RefOr::T(bytes.content_media_type("image/webp").into())
    }
}

impl ToSchema for Webp {}

impl Read for Thumb {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
            file_id: query.required_id("file_id"),
            kind: query.choice("kind", &KINDS).flatten(),
        }
    }
}

/// Shows a file
#[utoipa::path(get, path = "/v1/thumb", params(Thumb), responses((status = 200, content_type = "image/webp", body = inline(Webp))))]
pub(crate) async fn thumb(State(api): State<Api>, asked: Asked<Thumb>) -> Result<Answer, Problem> {
    api.work(move |work| {
        let picture = picture(work, &asked.parameters)?;
        Ok(Answer::picture(picture).tagged_by_content(asked.known_tags.as_deref()))
    })
    .await
}

fn picture(work: &Work<'_>, asked: &Thumb) -> Result<Vec<u8>, Problem> {
    let drive = work.catalog.drive(&asked.drive_label)?;
    let none = || Problem::missing("picture not found");
    let shard = work.catalog.shard_path(&drive);
    let pictures = Pictures::open_to_read(&shard, &drive.drive_uid).ok_or_else(none)?;
    let unread = |error| {
        Problem::busy(format!(
            "the pictures of `{}` cannot be read: {error}",
            drive.label
        ))
    };
    let mut of_file = pictures.of(asked.file_id).map_err(unread)?;
    let wanted = KINDS.iter().filter_map(|(_, kind)| *kind);
    let wanted: Vec<PictureKind> = match asked.kind {
        Some(kind) => vec![kind],
        None => wanted.collect(),
    };
    let place = wanted
        .iter()
        .find_map(|kind| of_file.iter().position(|picture| picture.kind == *kind))
        .ok_or_else(none)?;
    Ok(of_file.swap_remove(place).webp)
}
