//! Still pictures.

pub(crate) mod bmp;
pub(crate) mod exif;
pub(crate) mod gif;
mod ifd;
pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod tiff;
pub(crate) mod webp;

#[cfg(test)]
mod tests;
