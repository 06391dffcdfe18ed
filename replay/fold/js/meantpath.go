package js

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Paths are written as asof prints them, such as /items[sku=cups]/qty; an expression has
// its own way to say the same.

const keyedElement = `\[([A-Za-z_$][\w$]*)=("(?:[^"\\]|\\.)*"|[^\]="'\s<>]+)\]`

var (
	elementForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(keyedElement + `(\.?)`) })
	pathForm    = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(^|[\s(!&|<>=])/([A-Za-z_$][\w$]*(?:/[\w$]+|` + keyedElement + `)*)`)
	})
	indexForm  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/(\d+)\b`) })
	numberForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(?:0|[1-9]\d*)(?:\.\d+)?$`) })
)

// pathsToMembers replaces the paths of an expression by members of the state.
func pathsToMembers(text string) string {
	return elementsToFind(pathForm().ReplaceAllStringFunc(text, func(found string) string {
		m := pathForm().FindStringSubmatch(found)
		path := indexForm().ReplaceAllString(m[2], "[$1]")
		return m[1] + "state." + strings.ReplaceAll(path, "/", ".")
	}))
}

// elementsToFind replaces elements by their key, items[sku=cups], by a search for them,
// but not within a string.
func elementsToFind(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range elementForm().FindAllStringSubmatchIndex(text, -1) {
		if inString(text[:at[0]]) {
			continue
		}
		value := text[at[4]:at[5]]
		if value[0] != '"' && !numberForm().MatchString(value) {
			value = strconv.Quote(value)
		}
		b.WriteString(text[from:at[0]] + ".find(x => x." + text[at[2]:at[3]] + " == " + value + ")")
		if at[6] < at[7] {
			b.WriteString("?.")
		}
		from = at[1]
	}
	return b.String() + text[from:]
}

// inString reports whether a string has begun and does not end.
func inString(before string) bool {
	return strings.Count(before, "'")%2+strings.Count(before, `"`)%2+strings.Count(before, "`")%2 > 0
}
