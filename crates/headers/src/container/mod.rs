//! One reader a container format. Each fills a [`Media`] as far as it gets; what it had filled before a fault stays.

use crate::{Format, Media, Reader, Stop};

pub mod aiff;
pub mod ape;
pub mod asf;
pub mod audio_stream;
pub mod avi;
pub(crate) mod date;
pub mod dff;
pub mod dsf;
pub mod flac;
pub mod flv;
pub(crate) mod fraction;
pub mod heif;
pub mod matroska;
pub mod mp4;
pub mod mpeg_ps;
pub mod mpeg_ts;
pub mod ogg;
pub mod video_stream;
pub mod wav;

use crate::image;
pub(crate) use audio_stream::frame_sync;

/// Reads a file of a known format.
pub(crate) fn read(format: Format, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    match format {
        Format::Mp4 => mp4::read(reader, media),
        Format::Matroska => matroska::read(reader, media),
        Format::Avi => avi::read(reader, media),
        Format::MpegTs => mpeg_ts::read(reader, media),
        Format::MpegPs => mpeg_ps::read(reader, media),
        Format::Asf => asf::read(reader, media),
        Format::Flv => flv::read(reader, media),
        Format::Ogg => ogg::read(reader, media),
        Format::Mp3 | Format::Aac | Format::Ac3 | Format::Dts => audio_stream::read(reader, media),
        Format::Flac => flac::read(reader, media),
        Format::Wav => wav::read(reader, media),
        Format::Aiff => aiff::read(reader, media),
        Format::Ape => ape::read(reader, media),
        Format::Dsf => dsf::read(reader, media),
        Format::Dff => dff::read(reader, media),
        Format::VideoStream => video_stream::read(reader, media),
        Format::Heif => heif::read(reader, media),
        Format::Jpeg => image::jpeg::read(reader, media),
        Format::Png => image::png::read(reader, media),
        Format::Gif => image::gif::read(reader, media),
        Format::Bmp => image::bmp::read(reader, media),
        Format::Tiff => image::tiff::read(reader, media),
        Format::WebP => image::webp::read(reader, media),
    }
}
