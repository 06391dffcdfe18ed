package replay

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"asof/replay/fault"
	"asof/replay/when"
)

// Other tools write points in other ways. A text that is not a point is compared with
// theirs, and the error suggests the point; it is never read as one.

// otherWords are the words of other tools for a point.
var otherWords = map[string]string{
	"latest": "head", "last": "head", "newest": "head", "tip": "head", "end": "head", "current": "head",
	"max": "head", "@": "head", "tail": "head",
	"beginning": "start", "begin": "start", "init": "start", "initial": "start", "root": "start",
	"empty": "start", "oldest": "start",
}

var (
	versionForm  = pattern(`^(?:v|r|rev|version|seq|#|n)[ .:=#]?(-?\d+)$`)
	parentForm   = pattern(`^(.*?)(\^+|~)$`)
	earlierForm  = pattern(`^(?:(?:head|@)? ?-|head@\{|@?~)(\d{1,9})\}?$`)
	prefixedForm = pattern(`^(pos|position|global|id|event|type)[ :=]+(.+)$`)
	typeForm     = pattern(`^[A-Z][A-Za-z]{3,}[A-Za-z0-9.]*$`)
	rangeForm    = pattern(`^(?:(.+)(?:,| to | - )(.+)|(\d+)[-:](\d+))$`)
)

func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// meant returns the point that a text which is not one probably means, or "".
func meant(s string, env Env) string {
	if len(s) > maxPoint {
		return ""
	}
	bare := strings.TrimPrefix(strings.Trim(s, " \t'\"{}()/"), "@")
	if bare == "" && strings.Contains(s, "@") {
		bare = "@"
	}
	ways := append([]string{bare, otherPoint(bare), when.Meant(bare)}, nearWords(bare)...)
	if typeForm().MatchString(bare) {
		ways = append(ways, "type:"+bare)
	}
	for _, right := range ways {
		if right != "" && right != s {
			if _, err := parsePoint(right, env); err == nil {
				return right
			}
		}
	}
	return ""
}

// otherPoint rewrites a point of another tool.
func otherPoint(s string) string {
	low := strings.ToLower(s)
	if word := otherWords[low]; word != "" {
		return word
	}
	if m := versionForm().FindStringSubmatch(low); m != nil {
		return m[1]
	}
	if m := earlierForm().FindStringSubmatch(low); m != nil {
		return "head~" + m[1]
	}
	if m := prefixedForm().FindStringSubmatch(s); m != nil {
		kind := map[string]string{"position": "pos", "global": "pos", "event": "id"}[m[1]]
		if kind == "" {
			kind = m[1]
		}
		return kind + ":" + m[2]
	}
	if m := parentForm().FindStringSubmatch(s); m != nil {
		base := m[1]
		if base == "" || base == "@" {
			base = "head"
		}
		return base + "~" + strconv.Itoa(len(m[2]))
	}
	return ""
}

// nearWords corrects the spelling of the word that begins a point: with what follows it,
// or else alone.
func nearWords(s string) []string {
	i := strings.IndexAny(s, "~ ")
	if i < 0 {
		i = len(s)
	}
	if near := fault.Near(s[:i], []string{"head", "start", "now", "today", "yesterday"}, 1); near != nil {
		return []string{near[0] + s[i:], near[0]}
	}
	return nil
}

// meantRange returns the range that a text which is not one probably means, or "".
func meantRange(s string, env Env) string {
	if len(s) > maxRange {
		return ""
	}
	right := func(p string) string {
		p = strings.TrimSpace(p)
		if _, err := parsePoint(p, env); err == nil || p == "" {
			return p
		}
		return meant(p, env)
	}
	for i := 0; i+1 < len(s); i++ {
		if s[i:i+2] != ".." {
			continue
		}
		from, to := right(s[:i]), right(strings.TrimLeft(s[i+2:], "."))
		if from == "" && i > 0 || to == "" && i+2 < len(s) {
			continue
		}
		if _, err := parseRange(from+".."+to, env); err == nil {
			return from + ".." + to
		}
	}
	if m := rangeForm().FindStringSubmatch(s); m != nil {
		if from, to := right(m[1]+m[3]), right(m[2]+m[4]); from != "" && to != "" {
			if _, err := parseRange(from+".."+to, env); err == nil {
				return from + ".." + to
			}
		}
	}
	return ""
}

// asTime reads a version that no stream has as seconds or milliseconds since 1970.
func asTime(v Version) (string, bool) {
	n := int64(v)
	switch {
	case n >= 1e9 && n < 1e10:
		return time.Unix(n, 0).UTC().Format(time.RFC3339), true
	case n >= 1e12 && n < 1e13:
		return time.UnixMilli(n).UTC().Format(time.RFC3339Nano), true
	}
	return "", false
}
