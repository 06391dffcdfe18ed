package place

import (
	"regexp"
	"strconv"
)

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

// inWord is a connection string within a word that is none itself.
var inWord = regexp.MustCompile(`(?i)://([^\n]*)@|[\w%-]*(?:pass|secret|token|pwd|scram_)[\w%-]*=([^\s=][^\n]*)`)

// Within returns what in a word may be the secret of a connection string, as it
// stands and as Go quotes it.
func Within(word string) []string {
	var out []string
	for _, m := range inWord.FindAllStringSubmatch(word, -1) {
		for _, secret := range m[1:] {
			quoted := strconv.Quote(secret)
			out = append(out, secret, quoted[1:len(quoted)-1])
		}
	}
	return out
}

// inPieces is what may be left of a connection string in a text that was mistyped.
var inPieces = regexp.MustCompile(`(?i)passw|secret|token|pwd|:[^\n]*@|//[^/\n]*:|\w=[^\s,{}\[\]"']+\s[^=,\n]*[^\s=]=`)

// MayHoldSecret reports whether a text may hold a secret, also where it is mistyped.
func MayHoldSecret(text string) bool { return inPieces.MatchString(text) }
