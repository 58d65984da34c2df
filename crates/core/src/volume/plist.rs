//! What is read from the text that tools of macOS print: the plain values of the outermost dictionary of an XML property
//! list, and the lines of `mount`. Pure, so that it is tested on every system.

use std::collections::BTreeMap;

/// A plain value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `<string>`.
    Text(String),
    /// `<integer>`, if it is not negative.
    Number(u64),
    /// `<true/>` or `<false/>`.
    Flag(bool),
}

/// The values of a dictionary by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values(BTreeMap<String, Value>);

impl Values {
    /// Returns a text that is not empty.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.0.get(key) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// Returns a number.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        match self.0.get(key) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Returns a truth value.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.0.get(key) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }
}

/// Reads the outermost dictionary; arrays, dictionaries, dates and data in it are left out, and so is whatever follows a
/// mistake.
pub(super) fn parse(text: &str) -> Values {
    let mut values = BTreeMap::new();
    let mut key: Option<String> = None;
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some((tag, after)) = next_tag(rest) {
        rest = after;
        match tag {
            "dict" | "array" => depth += 1,
            "/dict" | "/array" => {
                depth = depth.saturating_sub(1);
                key = None;
            }
            _ if depth != 1 => {}
            "key" => key = Some(content(after)),
            "string" => insert(&mut values, &mut key, Value::Text(content(after))),
            "integer" => {
                if let Ok(number) = content(after).trim().parse() {
                    insert(&mut values, &mut key, Value::Number(number));
                }
            }
            "true/" => insert(&mut values, &mut key, Value::Flag(true)),
            "false/" => insert(&mut values, &mut key, Value::Flag(false)),
            "string/" => insert(&mut values, &mut key, Value::Text(String::new())),
            _ => {}
        }
    }
    Values(values)
}

fn insert(values: &mut BTreeMap<String, Value>, key: &mut Option<String>, value: Value) {
    if let Some(key) = key.take() {
        values.insert(key, value);
    }
}

/// Returns every text under a key, however deep; for lists of dictionaries such as `APFSPhysicalStores`.
pub(super) fn texts(text: &str, key: &str) -> Vec<String> {
    const MOST: usize = 32;
    let mut found = Vec::new();
    let (mut rest, mut is_next) = (text, false);
    while let Some((tag, after)) = next_tag(rest) {
        rest = after;
        match tag {
            "key" => is_next = content(after) == key,
            "string" if is_next && found.len() < MOST => found.push(content(after)),
            _ => {}
        }
    }
    found
}

/// Returns the whole disk of a slice: `disk3` of `disk3s1s2`.
pub(super) fn whole_disk(name: &str) -> Option<&str> {
    let number = name.strip_prefix("disk")?;
    let digits = number
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(number.len());
    (digits > 0).then(|| name.get(.."disk".len() + digits))?
}

/// Returns the mount point and the format in a line of `mount`: `/dev/disk3s1 on /Volumes/My Disk (apfs, local)`.
pub(super) fn mount_line(line: &str) -> Option<(&str, &str)> {
    let (_, place) = line.split_once(" on ")?;
    let (mount_point, options) = place.rsplit_once(" (")?;
    let fs_format = options.split([',', ')']).next()?.trim();
    Some((mount_point, fs_format))
}

/// Returns the inside of the next `<…>` and what follows it.
fn next_tag(text: &str) -> Option<(&str, &str)> {
    let (_, from) = text.split_once('<')?;
    let (tag, after) = from.split_once('>')?;
    Some((tag.trim(), after))
}

/// Returns the text up to the next tag, entities undone.
fn content(text: &str) -> String {
    let raw = text.split('<').next().unwrap_or_default();
    let mut plain = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, from)) = rest.split_once('&') {
        plain.push_str(before);
        let known = from
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        let (character, after) = known.unwrap_or(('&', from));
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_are_read_and_nested_ones_left_out() {
        let values = parse(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>VolumeName</key>
	<string>Films &amp; &lt;Music&gt; &#233; & co</string>
	<key>APFSPhysicalStores</key>
	<array><dict><key>VolumeName</key><string>inner</string></dict></array>
	<key>TotalSize</key>
	<integer>500107862016</integer>
	<key>Offset</key>
	<integer>-1</integer>
	<key>SolidState</key>
	<true/>
	<key>RemovableMedia</key>
	<false/>
	<key>Empty</key>
	<string></string>
</dict>
</plist>"#,
        );
        assert_eq!(
            values.text("VolumeName").as_deref(),
            Some("Films & <Music> é & co")
        );
        assert_eq!(values.number("TotalSize"), Some(500_107_862_016));
        assert_eq!(values.number("Offset"), None);
        assert_eq!(values.flag("SolidState"), Some(true));
        assert_eq!(values.flag("RemovableMedia"), Some(false));
        assert_eq!(values.text("Empty"), None);
        assert_eq!(values.text("TotalSize"), None, "of another kind");
    }

    #[test]
    fn mount_lines() {
        for (line, expected) in [
            (
                "/dev/disk3s1s1 on / (apfs, sealed, local, read-only)",
                Some(("/", "apfs")),
            ),
            (
                "//anna@nas/Media on /Volumes/My (old) Disk (smbfs, nodev)",
                Some(("/Volumes/My (old) Disk", "smbfs")),
            ),
            (
                "map auto_home on /System/Volumes/Data/home (autofs)",
                Some(("/System/Volumes/Data/home", "autofs")),
            ),
            ("nonsense", None),
        ] {
            assert_eq!(mount_line(line), expected, "{line}");
        }
    }

    #[test]
    fn physical_stores_and_their_disks() {
        let text = "<dict><key>APFSPhysicalStores</key><array><dict><key>APFSPhysicalStore</key>\
            <string>disk0s2</string></dict><dict><key>Other</key><string>x</string></dict>\
            <dict><key>APFSPhysicalStore</key><string>disk12s1</string></dict></array></dict>";
        let stores = texts(text, "APFSPhysicalStore");
        assert_eq!(stores, ["disk0s2", "disk12s1"]);
        for (name, expected) in [
            ("disk0s2", Some("disk0")),
            ("disk12", Some("disk12")),
            ("disk3s1s1", Some("disk3")),
            ("disk", None),
            ("rdisk0", None),
        ] {
            assert_eq!(whole_disk(name), expected, "{name}");
        }
    }

    #[test]
    fn broken_lists_give_what_came_before() {
        assert_eq!(parse(""), Values::default());
        assert_eq!(parse("<dict><key>a</key>").text("a"), None);
        assert_eq!(
            parse("<dict><key>a</key><string>b</str")
                .text("a")
                .as_deref(),
            Some("b")
        );
        assert_eq!(parse("</dict></dict><<<>").text("a"), None);
    }
}
