package place

import (
	"regexp"
	"strings"
	"sync"
)

// Patterns of secrets in text that may contain a connection string. A secret extends
// to the end of the line, because a password may contain any other character.
var (
	inURL     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(//)[^\n]*@`) })
	inKeyword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)([\w%-]*(?:pass|secret|token|pwd|scram_)[\w%-]*["']?\s*[=:]\s*)[^\s][^\n]*`)
	})
)

// Redact hides the parts of a text that look like secrets of a connection string.
func Redact(text string) string {
	text = inURL().ReplaceAllString(text, "${1}…@")
	return inKeyword().ReplaceAllString(text, "${1}…")
}

// inWord matches a connection string inside a longer word.
var inWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)://([^\n]*)@|[\w%-]*(?:pass|secret|token|pwd|scram_)[\w%-]*=([^\s=][^\n]*)`)
})

// Within returns the possible secrets of connection strings inside a word.
func Within(word string) []string {
	if !strings.ContainsAny(word, "@=") {
		return nil // as most words, for which the pattern need not be compiled
	}
	var out []string
	for _, m := range inWord().FindAllStringSubmatch(word, -1) {
		out = append(out, m[1:]...)
	}
	return out
}

// inPieces matches the remains of a mistyped connection string.
var inPieces = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)passw|secret|token|pwd|:[^\n]*@|//[^/\n]*:|\w=[^\s,{}\[\]"']+\s[^=,\n]*[^\s=]=`)
})

// MayHoldSecret reports whether a text may contain a secret, even if mistyped.
func MayHoldSecret(text string) bool { return inPieces().MatchString(text) }
