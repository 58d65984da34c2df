//! Identifiers of objects, as they lie in the file: the first three groups turned round.

/// Packets.
pub(super) const DATA: [u8; 16] = [
    54, 38, 178, 117, 142, 102, 207, 17, 166, 217, 0, 170, 0, 98, 206, 108,
];

/// Index by time of one stream.
pub(super) const SIMPLE_INDEX: [u8; 16] = [
    144, 8, 0, 51, 177, 229, 207, 17, 137, 244, 0, 160, 201, 3, 73, 203,
];

/// Index of several streams.
pub(super) const INDEX: [u8; 16] = [
    211, 41, 226, 214, 218, 53, 209, 17, 144, 52, 0, 160, 201, 3, 73, 190,
];

/// Index by object.
pub(super) const MEDIA_INDEX: [u8; 16] = [
    248, 3, 177, 254, 173, 18, 100, 76, 132, 15, 42, 29, 47, 122, 212, 140,
];

/// Index by time code.
pub(super) const TIMECODE_INDEX: [u8; 16] = [
    208, 63, 183, 60, 74, 12, 3, 72, 149, 61, 237, 247, 182, 34, 143, 12,
];

/// Size, time, flags.
pub(super) const FILE_PROPERTIES: [u8; 16] = [
    161, 220, 171, 140, 71, 169, 207, 17, 142, 228, 0, 192, 12, 32, 83, 101,
];

/// A stream.
pub(super) const STREAM_PROPERTIES: [u8; 16] = [
    145, 7, 220, 183, 183, 169, 207, 17, 142, 230, 0, 192, 12, 32, 83, 101,
];

/// More objects.
pub(super) const HEADER_EXTENSION: [u8; 16] = [
    181, 3, 191, 95, 46, 169, 207, 17, 142, 227, 0, 192, 12, 32, 83, 101,
];

/// Chapters.
pub(super) const MARKERS: [u8; 16] = [
    1, 205, 135, 244, 81, 169, 207, 17, 142, 230, 0, 192, 12, 32, 83, 101,
];

/// Title, author, copyright, description.
pub(super) const CONTENT: [u8; 16] = [
    51, 38, 178, 117, 142, 102, 207, 17, 166, 217, 0, 170, 0, 98, 206, 108,
];

/// Names and values.
pub(super) const EXTENDED_CONTENT: [u8; 16] = [
    64, 164, 208, 210, 7, 227, 210, 17, 151, 240, 0, 160, 201, 94, 168, 80,
];

/// Bit rates of streams.
pub(super) const BIT_RATES: [u8; 16] = [
    206, 117, 248, 123, 141, 70, 209, 17, 141, 130, 0, 96, 151, 201, 162, 178,
];

/// More about a stream.
pub(super) const EXTENDED_STREAM: [u8; 16] = [
    203, 165, 230, 20, 114, 198, 50, 67, 131, 153, 169, 105, 82, 6, 91, 90,
];

/// Languages that streams refer to.
pub(super) const LANGUAGES: [u8; 16] = [
    169, 70, 67, 124, 224, 239, 252, 75, 178, 41, 57, 62, 222, 65, 92, 133,
];

/// Names and values of streams.
pub(super) const METADATA: [u8; 16] = [
    234, 203, 248, 197, 175, 91, 119, 72, 132, 103, 170, 140, 68, 250, 76, 202,
];

/// Names and values of streams in languages.
pub(super) const METADATA_LIBRARY: [u8; 16] = [
    148, 28, 35, 68, 152, 148, 209, 73, 161, 65, 29, 19, 78, 69, 112, 84,
];

/// A stream of sound.
pub(super) const AUDIO: [u8; 16] = [
    64, 158, 105, 248, 77, 91, 207, 17, 168, 253, 0, 128, 95, 92, 68, 43,
];

/// A stream of pictures.
pub(super) const VIDEO: [u8; 16] = [
    192, 239, 25, 188, 77, 91, 207, 17, 168, 253, 0, 128, 95, 92, 68, 43,
];

/// A stream of commands.
pub(super) const COMMAND: [u8; 16] = [
    192, 207, 218, 89, 230, 89, 208, 17, 163, 172, 0, 160, 201, 3, 72, 246,
];

/// A stream of still pictures.
pub(super) const JFIF: [u8; 16] = [
    0, 225, 27, 182, 78, 91, 207, 17, 168, 253, 0, 128, 95, 92, 68, 43,
];

/// Returns whether an object of the top level is one that belongs there.
pub(super) fn is_known(id: &[u8; 16]) -> bool {
    [DATA, SIMPLE_INDEX, INDEX, MEDIA_INDEX, TIMECODE_INDEX].contains(id)
}
