package wire

import (
	"reflect"
	"strings"
)

// Version is the version of asof.
type Version struct {
	Version string `json:"version"`
}

// Help is what asof can do, for programs.
type Help struct {
	Version string      `json:"version"`
	Verbs   []HelpVerb  `json:"verbs"`
	Topics  []HelpTopic `json:"topics"`
	Answers []Fields    `json:"answers"`
	Errors  []HelpError `json:"errors"`
}

// A HelpVerb is a verb, with the flags that it takes.
type HelpVerb struct {
	Name     string     `json:"name"` // such as audit export; empty: all verbs
	Use      string     `json:"use"`
	Group    *string    `json:"group"`
	Short    string     `json:"short"`
	Long     string     `json:"long"`
	Examples []string   `json:"examples"`
	Flags    []HelpFlag `json:"flags"`
	Exits    []HelpExit `json:"exit_codes"`
}

// A HelpFlag is a flag of a verb, or of all.
type HelpFlag struct {
	Name    string  `json:"name"`
	Short   *string `json:"short"` // one letter
	Type    string  `json:"type"`
	Default *string `json:"default"`
	Usage   string  `json:"usage"`
}

// A HelpExit is an exit code of a verb.
type HelpExit struct {
	Code    int    `json:"code"`
	Meaning string `json:"meaning"`
}

// A HelpTopic is a text of the help that is not about a verb.
type HelpTopic struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// A HelpError is a kind of error.
type HelpError struct {
	Kind    string `json:"kind"`
	Meaning string `json:"meaning"`
}

// Fields are the fields of an answer, written as in the README.
type Fields struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields"`
}

// AllFields are the fields of all answers of the contract.
func AllFields() []Fields {
	var all []Fields
	for _, a := range Contract {
		all = append(all, Fields{a.Name, fieldNames(a.Type)})
	}
	return all
}

// NewHelpVerb completes the description of a verb. The group may be empty.
func NewHelpVerb(v HelpVerb, group string) HelpVerb {
	v.Group, v.Examples = text(&group), texts(v.Examples)
	return v
}

// NewHelpFlag completes the description of a flag. Short and def may be empty.
func NewHelpFlag(f HelpFlag, short, def string) HelpFlag {
	f.Short, f.Default = text(&short), text(&def)
	return f
}

// fieldNames returns the fields of a struct in the format of the README. An embedded
// answer is represented by its name.
func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Anonymous {
			names = append(names, nameOf(sf.Type)+", and")
			continue
		}
		f := fieldOf(sf, i)
		name := f.name
		typ := f.typ
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Slice {
			name += "[]"
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Map {
			name += "{}"
		}
		if f.omitEmpty || f.omitZero {
			name += "?"
		}
		names = append(names, name+inside(f.name, typ))
	}
	return names
}

// inside describes the object in a field; empty if the field has no object.
func inside(field string, t reflect.Type) string {
	if t.Kind() != reflect.Struct || t == valueType || t == timeType {
		return ""
	}
	if name := nameOf(t); name == field || name != "" && name == strings.TrimSuffix(field, "s") {
		return ""
	} else if name != "" {
		return ":" + name
	}
	return " (" + strings.Join(fieldNames(t), " ") + ")"
}

// nameOf returns the name by which other answers refer to a type, or "".
func nameOf(t reflect.Type) string {
	for _, a := range Contract {
		if a.Type == t && !strings.Contains(a.Name, " ") {
			return a.Name
		}
	}
	return ""
}
