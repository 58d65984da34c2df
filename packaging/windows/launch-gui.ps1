<#
.SYNOPSIS
Opens the window of VideoCatalog.

.DESCRIPTION
Starts `videocatalog-gui` and hands all arguments on untouched:

    .\launch-gui.ps1 --home "D:\Catalogue"

The program is looked for beside this script, one folder above, in `target\release` of the repository, and in PATH. The
script does not wait for the window to be closed.

.PARAMETER Remaining
Everything; passed on as it is.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $Remaining
)

Set-StrictMode -Version 2

function Find-Program {
    $name = 'videocatalog-gui'
    if ($env:OS -eq 'Windows_NT') { $name = 'videocatalog-gui.exe' }
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
    [Console]::Error.WriteLine('error: videocatalog-gui was found neither beside this script nor in PATH')
    [Console]::Error.WriteLine('hint: build it with `cargo build --release -p videocatalog-gui`, or put this script beside it')
    exit 3
}

$arguments = @()
if ($null -ne $Remaining) { $arguments += $Remaining }

if ($PSVersionTable.PSVersion -ge [version] '7.3') {
    $PSNativeCommandArgumentPassing = 'Standard'
    $PSNativeCommandUseErrorActionPreference = $false
} else {
    $arguments = @($arguments | ForEach-Object { Protect-Argument $_ })
}

# A program with a window is not waited for, and has no exit code yet.
& $program @arguments
