//! Languages: ASF writes them as Windows does (`de-at`), ffprobe prints ISO 639-2/B (`ger`).

/// Returns the bibliographic code of a language, or what was given where there is none for it.
pub(super) fn bibliographic(language: &str) -> &str {
    let Some(short) = language.get(..2) else {
        return language;
    };
    let is_long = !matches!(language.as_bytes().get(2), None | Some(b'-' | b'_'));
    if is_long {
        return language;
    }
    CODES
        .split(' ')
        .find_map(|pair| {
            let (code, long) = pair.split_at_checked(2)?;
            code.eq_ignore_ascii_case(short).then_some(long)
        })
        .unwrap_or(language)
}

/// Two letters, then three.
const CODES: &str = "aaaar ababk afafr akaka amamh arara asasm azaze babak bebel bgbul bmbam bnben botib brbre \
                     bsbos cacat cocos cscze cywel dadan deger eeewe elgre eneng eoepo esspa etest eubaq faper fifin \
                     fofao frfre fyfry gagle gdgla glglg guguj hahau heheb hihin hrhrv hthat huhun hyarm idind isice \
                     itita jajpn jvjav kageo kkkaz kmkhm knkan kokor kukur kykir lalat lbltz lnlin lolao ltlit lvlav \
                     mgmlg mimao mkmac mlmal mnmon mrmar msmay mtmlt mybur nbnob nenep nldut nnnno nonor ococi papan \
                     plpol pspus ptpor quque rmroh rorum rurus sasan sdsnd sisin skslo slslv snsna sosom sqalb srsrp \
                     susun svswe swswa tatam tetel tgtgk ththa titir tktuk tltgl toton trtur tttat uguig ukukr ururd \
                     uzuzb vivie wowol xhxho yiyid yoyor zhchi zuzul";
