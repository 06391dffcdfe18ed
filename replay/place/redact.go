package place

import "regexp"

// Secrets in text that is not a connection string but may hold one. They end with
// the line: a password may hold any other character.
var (
	inURL     = regexp.MustCompile(`(//)[^\n]*@`)
	inKeyword = regexp.MustCompile(`(?i)([\w%-]*(?:pass|secret|token|pwd|scram_)[\w%-]*["']?\s*[=:]\s*)[^\s][^\n]*`)
)

// Redact hides in a text what looks like the secret of a connection string.
func Redact(text string) string {
	text = inURL.ReplaceAllString(text, "${1}…@")
	return inKeyword.ReplaceAllString(text, "${1}…")
}

// inPieces is what may be left of a connection string in a text that was mistyped.
var inPieces = regexp.MustCompile(`(?i)passw|secret|token|pwd|:[^\n]*@|//[^/\n]*:|\w=[^\s,{}\[\]"']+\s[^=,\n]*[^\s=]=`)

// MayHoldSecret reports whether a text may hold a secret, also where it is mistyped.
func MayHoldSecret(text string) bool { return inPieces.MatchString(text) }
