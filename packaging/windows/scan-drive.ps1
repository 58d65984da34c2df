<#
.SYNOPSIS
Scans a drive with VideoCatalog.

.DESCRIPTION
Calls `videocatalog scan-drive` with the parameters of the older program's script. Whatever is not listed here is passed
on untouched, so every flag of `videocatalog scan-drive --help` may follow:

    .\scan-drive.ps1 -Label "Films 1" -MountPath "E:\" --inventory-only --skip-glob "*.tmp"

The program is looked for beside this script, one folder above, in `target\release` of the repository, and in PATH. Its
output is the script's output, and its exit code the script's exit code.

.PARAMETER Label
The drive's label: your name for it.

.PARAMETER MountPath
The folder to scan: a drive, a folder, or a share such as \\server\films.

.PARAMETER CatalogDb
The catalogue's file, if it is not the one in the working directory.

.PARAMETER ShardDb
The drive's database file, if it is not the one named after the label.

.PARAMETER VerboseMode
Shows every problem as it comes.

.PARAMETER DebugMode
Pauses 10 ms at each file that is listed.

.PARAMETER Remaining
Everything else; passed on as it is.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $Label,
    [string] $MountPath,
    [string] $CatalogDb,
    [string] $ShardDb,
    [switch] $VerboseMode,
    [switch] $DebugMode,
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $Remaining
)

Set-StrictMode -Version 2

function Find-Program {
    $name = 'videocatalog'
    if ($env:OS -eq 'Windows_NT') { $name = 'videocatalog.exe' }
    foreach ($folder in '.', '..', '../target/release', '../../target/release') {
        $candidate = Join-Path (Join-Path $PSScriptRoot $folder) $name
        if (Test-Path -LiteralPath $candidate -PathType Leaf) {
            return (Resolve-Path -LiteralPath $candidate).ProviderPath
        }
    }
    $command = Get-Command -Name $name -CommandType Application -ErrorAction SilentlyContinue |
        Select-Object -First 1
    if ($null -ne $command) { return $command.Path }
    return $null
}

# Before PowerShell 7.3 arguments with quotes, or with spaces and a backslash at the end, reach a program spoilt. There
# they are written the way programs on Windows take them apart: backslashes before a quote are doubled, quotes escaped.
# An argument that is already quoted is left alone by those versions.
function Protect-Argument([string] $Text) {
    if ($Text -eq '') { return '""' }
    $escaped = $Text -replace '(\\*)"', '$1$1\"'
    if ($Text -match '\s') {
        $escaped = '"' + ($escaped -replace '(\\+)$', '$1$1') + '"'
    }
    return $escaped
}

$program = Find-Program
if ($null -eq $program) {
    [Console]::Error.WriteLine('error: videocatalog was found neither beside this script nor in PATH')
    [Console]::Error.WriteLine('hint: build it with `cargo build --release`, or put this script beside it')
    exit 3
}

$arguments = @('scan-drive')
# With the value behind an equals sign a label may begin with a hyphen.
if ($PSBoundParameters.ContainsKey('Label')) { $arguments += "--label=$Label" }
if ($PSBoundParameters.ContainsKey('MountPath')) { $arguments += "--mount=$MountPath" }
if ($PSBoundParameters.ContainsKey('CatalogDb')) { $arguments += "--catalog-db=$CatalogDb" }
if ($PSBoundParameters.ContainsKey('ShardDb')) { $arguments += "--shard-db=$ShardDb" }
if ($VerboseMode) { $arguments += '--verbose' }
if ($DebugMode) { $arguments += '--debug' }
if ($null -ne $Remaining) { $arguments += $Remaining }

if ($PSVersionTable.PSVersion -ge [version] '7.3') {
    $PSNativeCommandArgumentPassing = 'Standard'
    $PSNativeCommandUseErrorActionPreference = $false
} else {
    $arguments = @($arguments | ForEach-Object { Protect-Argument $_ })
}

& $program @arguments
exit $LASTEXITCODE
