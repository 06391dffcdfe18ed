package project

import (
	"fmt"
	"slices"
	"strings"

	"asof/replay/fault"
)

// A tomlTable reads one table.
type tomlTable struct {
	doc   *tomlDoc
	at    tomlPath
	name  string // for messages: "[[projection]]"
	vals  map[string]any
	known []string
	fault *tomlFault
}

// A tomlFault collects the faults of a document. Missing keys come last, since a
// misspelt key is the better explanation.
type tomlFault struct{ first, missing *Error }

func (f *tomlFault) add(e *Error) { f.first = f.first.earlier(e) }

func (f *tomlFault) miss(e *Error) { f.missing = f.missing.earlier(e) }

func (f *tomlFault) err() error {
	switch {
	case f.first != nil:
		return f.first
	case f.missing != nil:
		return f.missing
	}
	return nil
}

// earlier returns the error that comes first in the text; e may be nil.
func (e *Error) earlier(than *Error) *Error {
	if e == nil || than.Line < e.Line || than.Line == e.Line && than.Col < e.Col {
		return than
	}
	return e
}

func (t *tomlTable) bad(key, msg, next string) { t.fault.add(t.doc.fault(t.at.key(key), msg, next)) }

// unknown reports a name that does not exist. Without a similar one, next says what to do.
func (t *tomlTable) unknown(key, msg string, near []string, next string) {
	t.fault.add(t.doc.fault(t.at.key(key), msg, next).nearest(near))
}

// knows marks a key as known.
func (t *tomlTable) knows(key string) {
	if !slices.Contains(t.known, key) {
		t.known = append(t.known, key)
	}
}

// has looks up a key and marks it as known.
func (t *tomlTable) has(key string) (any, bool) {
	t.knows(key)
	v, ok := t.vals[key]
	return v, ok
}

// str returns the string at a key; empty if the key is missing.
func (t *tomlTable) str(key string) string {
	v, ok := t.has(key)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		t.bad(key, fmt.Sprintf("%s must be a string, not %s", key, tomlType(v)), "")
	case s == "":
		t.bad(key, key+" is empty", "give it a value or leave it out")
	}
	return s
}

// needed is str for a required key.
func (t *tomlTable) needed(key, next string) string {
	if _, ok := t.vals[key]; !ok {
		t.knows(key)
		t.fault.miss(t.doc.keyFault(t.at, fmt.Sprintf("%s has no %s", t.name, key), next))
		return ""
	}
	return t.str(key)
}

// strs returns the strings at a key, which may be a single string.
func (t *tomlTable) strs(key string) []string {
	v, ok := t.has(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		if _, ok := v.(string); !ok {
			t.bad(key, fmt.Sprintf("%s must be a string or a list of them, not %s", key, tomlType(v)), "")
			return nil
		}
		return []string{t.str(key)}
	}
	var out []string
	for i, v := range list {
		s, ok := v.(string)
		switch at := t.at.key(key).index(i); {
		case !ok:
			t.fault.add(t.doc.fault(at, fmt.Sprintf("%s must be a list of strings: element %d is %s", key, i+1, tomlType(v)), ""))
		case s == "":
			t.fault.add(t.doc.fault(at, fmt.Sprintf("element %d of %s is empty", i+1, key), "give it a value or leave it out"))
		}
		out = append(out, s)
	}
	if len(list) == 0 {
		t.bad(key, key+" is empty", "give it a value or leave it out")
	}
	return out
}

// table returns the table at a key, or nil.
func (t *tomlTable) table(key, name string) *tomlTable {
	v, ok := t.has(key)
	if !ok {
		return nil
	}
	vals, ok := v.(map[string]any)
	if !ok {
		next := ""
		if _, is := v.([]any); is {
			next = fmt.Sprintf("write [%s], with single brackets", key)
		}
		t.bad(key, fmt.Sprintf("%s must be a table, not %s", key, tomlType(v)), next)
		return nil
	}
	return &tomlTable{doc: t.doc, at: t.at.key(key), name: name, vals: vals, fault: t.fault}
}

// tables returns the [[tables]] at a key.
func (t *tomlTable) tables(key string) []*tomlTable {
	v, ok := t.has(key)
	if !ok {
		return nil
	}
	name := "[[" + key + "]]"
	list, ok := v.([]any)
	if !ok {
		t.bad(key, fmt.Sprintf("%s must be a list of tables, not %s", key, tomlType(v)), "write "+name+", with double brackets")
		return nil
	}
	var out []*tomlTable
	for i, v := range list {
		at := t.at.key(key).index(i)
		vals, ok := v.(map[string]any)
		if !ok {
			t.fault.add(t.doc.fault(at, fmt.Sprintf("%s must be a list of tables: element %d is %s", key, i+1, tomlType(v)), "write "+name))
			continue
		}
		out = append(out, &tomlTable{doc: t.doc, at: at, name: name, vals: vals, fault: t.fault})
	}
	return out
}

// done reports unknown keys.
func (t *tomlTable) done() {
	for key := range t.vals {
		if slices.Contains(t.known, key) {
			continue
		}
		msg := fmt.Sprintf("unknown key %q", key)
		if t.name != "" {
			msg += " in " + t.name
		}
		e := t.doc.keyFault(t.at.key(key), msg, listed("the keys are ", t.known))
		t.fault.add(e.nearest(fault.Near(key, t.known, 1)))
	}
}

// sorted returns the keys of the table in the order of the file.
func (t *tomlTable) sorted() []string {
	var keys []string
	for key := range t.vals {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := t.doc.keyAt[t.at.key(a)] - t.doc.keyAt[t.at.key(b)]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}

// tomlType names the type of a value, with its article.
func tomlType(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	default:
		return "a date or time"
	}
}
