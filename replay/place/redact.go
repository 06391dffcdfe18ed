package place

import "regexp"

// Secrets in text that is not a connection string but may hold one. They end with
// the line: a password may hold any other character.
var (
	inURL     = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^\n]*@`)
	inKeyword = regexp.MustCompile(`(?i)([\w%-]*(?:passw|secret|token|pwd|scram_)[\w%-]*["']?\s*[=:]\s*)[^\s][^\n]*`)
)

// Redact hides in a text what looks like the secret of a connection string.
func Redact(text string) string {
	text = inURL.ReplaceAllString(text, "${1}…@")
	return inKeyword.ReplaceAllString(text, "${1}…")
}

// MayHoldSecret reports whether Redact would change the text.
func MayHoldSecret(text string) bool { return inURL.MatchString(text) || inKeyword.MatchString(text) }
