// Package markup writes what a store holds into HTML, so that it is read and never
// obeyed: no text becomes markup, none hides or reorders the text around it, and a page
// allows nothing but its own style and script.
package markup

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"asof/replay/state"
)

// Escape returns text for an element or for an attribute in quotes.
func Escape(s string) string { return html.EscapeString(Visible(s)) }

// Text returns text for an element only: quotes stay, of which JSON has many.
func Text(s string) string { return inElement.Replace(Visible(s)) }

var inElement = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Visible returns text on one line. Characters that are invisible or that affect the
// text around them are escaped.
func Visible(s string) string {
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	return shown(s, hidden)
}

// Lines is [Visible] for text with line breaks and tabs, which stay.
func Lines(s string) string {
	return shown(s, func(r rune) bool { return r != '\n' && r != '\t' && hidden(r) })
}

func shown(s string, hidden func(rune) bool) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := state.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case utf16.IsSurrogate(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		case !hidden(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// JSON appends JSON for an element that no browser executes: nothing in it ends the
// element, and what is invisible is escaped. It means the same.
func JSON(dst, json []byte) []byte {
	from := 0
	for i := 0; i < len(json); {
		r, n := rune(json[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(json[i:])
		}
		if r == '<' || r == '>' || r >= utf8.RuneSelf && hidden(r) {
			dst = append(dst, json[from:i]...)
			for _, u := range utf16.Encode([]rune{r}) {
				dst = fmt.Appendf(dst, `\u%04x`, u)
			}
			from = i + n
		}
		i += n
	}
	return append(dst, json[from:]...)
}

func hidden(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// Policy returns the element that forbids a page everything but these inline styles and
// scripts: no network, no forms, no other code.
func Policy(style, script string) string {
	return "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src " +
		html.EscapeString(hash(style)) + "; script-src " + html.EscapeString(hash(script)) +
		"; base-uri &#39;none&#39;; form-action &#39;none&#39;\">"
}

// hash returns what identifies inline text in a content security policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
