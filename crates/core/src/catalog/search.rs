//! Every file of a shard, one after the other.

use rusqlite::Connection;

use super::names;

/// One file as a search sees it.
#[derive(Clone, Copy, Debug)]
pub struct FileRow<'a> {
    /// Path relative to the root.
    pub rel_path: &'a [u8],
    /// Last part of it.
    pub name: &'a [u8],
    /// Category.
    pub category: &'a str,
    /// Length.
    pub size_bytes: Option<i64>,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
}

/// Calls `visit` for every file that is not deleted.
///
/// # Errors
/// What SQLite says.
pub fn each_live_file(
    shard: &Connection,
    mut visit: impl FnMut(&FileRow<'_>),
) -> rusqlite::Result<()> {
    let mut select = shard.prepare_cached(
        "SELECT f.path, e.name, k.category, e.size_bytes, e.mtime_us
           FROM entries e JOIN folders f ON f.id = e.folder_id JOIN kinds k ON k.id = e.kind_id
          WHERE e.deleted_change IS NULL",
    )?;
    let mut rows = select.query([])?;
    let mut path = Vec::new();
    while let Some(row) = rows.next()? {
        let name = names::from_sql(row.get_ref(1)?);
        path.clear();
        path.extend_from_slice(names::from_sql(row.get_ref(0)?));
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        visit(&FileRow {
            rel_path: &path,
            name,
            category: row.get_ref(2)?.as_str().unwrap_or_default(),
            size_bytes: row.get(3)?,
            mtime_us: row.get(4)?,
        });
    }
    Ok(())
}
