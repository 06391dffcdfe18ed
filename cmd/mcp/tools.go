package mcp

import (
	"encoding/json"
	"strings"
)

// A tool is a question that a client can ask.
type tool struct {
	name, about string

	// params are the names of its arguments. A ! in front says that it is required.
	// NAME=PARAM gives an argument another description than that of its name.
	params []string

	data  []string // what data always has
	check func(*arguments, *checker)
	run   func(*call) (*reply, error)
}

// tools are all tools, in the order of an investigation.
var tools = []*tool{
	{
		name: "describe_store", about: "What a store is: dialect, categories and what follows what in each, event types with an example payload, projections, invariants. Call it first.",
		params: []string{"categories", "offset"}, data: []string{"store", "categories", "types", "projections", "invariants"}, run: describeStore,
	},
	{
		name: "find_streams", about: "List streams by id, category and time, or those whose folded state meets a condition as of a moment.",
		params: []string{"pattern", "categories", "since", "until", "where_state", "at", "projection", "fold", "sort", "newest_first", "limit", "cursor", "offset"},
		data:   []string{"streams"}, check: checkFind, run: findStreams,
	},
	{
		name: "read_events", about: "List events of a stream, or of the whole store without stream. Filters combine. One event: at 16..17.",
		params: []string{"stream", "at=range", "types", "since", "until", "where", "grep", "path=changed_path", "changes", "newest_first", "payload_path", "projection", "fold", "limit", "cursor"},
		data:   []string{"events"}, check: oneFold, run: readEvents,
	},
	{
		name: "state_at", about: "The state of a stream or projection at a point, folded exactly. With edits: the state had history been different. A large state comes as an outline with sizes: ask again with path.",
		params: []string{"!stream", "at", "path", "edits", "offset", "projection", "fold"},
		data:   []string{"moment", "projection", "state", "account"}, check: oneFold, run: stateAt,
	},
	{
		name: "diff_states", about: "What changed in the state between two points of a stream, or between two streams. Without from: what the event at to changed.",
		params: []string{"!stream", "from=diff_from", "to", "other_stream", "path", "projection", "fold", "limit", "offset"},
		data:   []string{"from", "to", "changes", "account"}, check: oneFold, run: diffStates,
	},
	{
		name: "find_change", about: "Find the event that turned the state from good to bad: tests every state of the range, a long range in parts (tested_to). Gives every turn (flips), the changes, the wrong value and the input that made it wrong (cause), and how the state ends without that event.",
		params: []string{"!stream", "bad", "good", "from", "to", "projection", "fold"},
		data:   []string{"verdict", "culprit", "changes", "flips", "account"}, check: condition, run: findChange,
	},
	{
		name: "blame", about: "Which event last set each path of the state. With why: what path was computed from, and which event set each input. With history: every event that set path. With removed: what is gone.",
		params: []string{"!stream", "at=range", "path", "why", "history", "removed", "projection", "fold", "limit", "cursor", "offset"},
		data:   []string{"rows"}, check: checkBlame, run: blame,
	},
	{
		name: "check", about: "In which streams is an invariant violated, and since which event? Tests bad or good in every stream, or without them the invariants of asof.toml.",
		params: []string{"bad", "good", "at", "projection", "fold", "limit", "offset"},
		data:   []string{"invariants", "violations"}, check: oneCondition, run: check,
	},
	{
		name: "trace", about: "What caused an event, and what it caused, across streams, by causation and correlation ids.",
		params: []string{"!stream", "at", "limit", "offset"}, data: []string{"asked", "events"}, run: trace,
	},
	{
		name: "query", about: "One SELECT in SQLite's SQL, to count and compare. Tables: events, streams, and for each projection NAME its states as NAME, NAME_history and NAME_changes. tables: true lists them with columns: do that first. Name columns: * reads every state to find them.",
		params: []string{"sql", "tables", "at", "projection", "fold", "limit", "offset"},
		data:   []string{"rows"}, check: checkQuery, run: querySQL,
	},
}

// names splits what a tool says of an argument.
func paramName(text string) (name, param string, required bool) {
	text, required = strings.CutPrefix(text, "!")
	name, param, ok := strings.Cut(text, "=")
	if !ok {
		param = name
	}
	return name, param, required
}

// param is what an argument of the tool has to be.
func (t *tool) param(name string) param {
	for _, text := range t.params {
		if n, p, _ := paramName(text); n == name {
			return params[p]
		}
	}
	return params[name] // store, which all tools take if there are several
}

// takes are the names of a tool's arguments.
func (s *Server) takes(t *tool) []string {
	var names []string
	if len(s.o.Stores) > 1 {
		names = append(names, "store")
	}
	for _, text := range t.params {
		name, _, _ := paramName(text)
		names = append(names, name)
	}
	return names
}

// needs reports whether a tool needs an argument.
func (s *Server) needs(t *tool, name string) bool {
	if name == "store" {
		return true
	}
	for _, text := range t.params {
		if n, _, required := paramName(text); n == name {
			return required
		}
	}
	return false
}

// A schema is a JSON schema. Its members are in the order in which models read them.
type schema struct {
	Type        any             `json:"type,omitempty"`
	Description string          `json:"description,omitempty"`
	Enum        []string        `json:"enum,omitempty"`
	Minimum     *int            `json:"minimum,omitempty"`
	Items       *schema         `json:"items,omitempty"`
	Properties  json.RawMessage `json:"properties,omitempty"`
	Required    []string        `json:"required,omitempty"`
	Additional  *bool           `json:"additionalProperties,omitempty"`
}

// properties writes schemas in an order.
func properties(names []string, of func(string) schema) json.RawMessage {
	b := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, mustJSON(name)...), ':')
		b = append(b, mustJSON(of(name))...)
	}
	return append(b, '}')
}

func mustJSON(x any) []byte {
	b, err := json.Marshal(x)
	if err != nil {
		panic(err) // a schema is plain data
	}
	return b
}

// inputSchema is the schema of a tool's arguments.
func (s *Server) inputSchema(t *tool) schema {
	names := s.takes(t)
	one := schema{Type: "object", Additional: new(bool)}
	one.Properties = properties(names, func(name string) schema {
		p := t.param(name)
		if name == "store" {
			p.choices = s.names()
		}
		return p.schema()
	})
	for _, name := range names {
		if s.needs(t, name) {
			one.Required = append(one.Required, name)
		}
	}
	return one
}

func (p param) schema() schema {
	one := schema{Type: "string", Description: p.about, Enum: p.choices}
	switch p.form {
	case asFlag:
		one.Type = "boolean"
	case asNumber:
		one.Type, one.Minimum = "integer", &p.least
	case asTexts:
		one.Type, one.Items = "array", &schema{Type: "string"}
	case asEdits:
		one.Type, one.Items = "array", editSchema()
	}
	return one
}

// editSchema is the schema of an edit.
func editSchema() *schema {
	return &schema{
		Type: "object", Required: []string{"kind"},
		Properties: properties([]string{"kind", "version", "events", "path", "value", "event", "other", "first"}, func(name string) schema {
			return map[string]schema{
				"kind":    {Type: "string", Enum: []string{"drop", "set", "insert", "swap"}},
				"version": {Type: "integer"},
				"events":  {Type: "string", Description: "drop this point or range"},
				"path":    {Type: "string", Description: "set this: /data/qty"},
				"value":   {Description: "to this"},
				"event":   {Type: "object", Description: "insert {type, data} after version"},
				"other":   {Type: "integer", Description: "swap with this version"},
				"first":   {Type: "boolean", Description: "insert before all"},
			}[name]
		}),
	}
}

// outputSchema is the schema of a tool's answers.
func (t *tool) outputSchema() schema {
	about := schema{
		Type: "object", Required: []string{"next", "command"},
		Properties: properties([]string{"shown", "total", "left", "left_at_least", "next", "command"}, func(name string) schema {
			count := schema{Type: []string{"integer", "null"}}
			return map[string]schema{
				"shown": {Type: "integer"}, "total": count, "left": count, "left_at_least": {Type: "integer"}, "command": {Type: []string{"string", "null"}},
				"next": {Type: "array", Items: &schema{Type: "object", Required: []string{"tool", "arguments", "why"}}},
			}[name]
		}),
	}
	data := schema{Type: "object", Required: append(append([]string{}, t.data...), "notes")}
	return schema{
		Type: "object", Required: []string{"about", "data"},
		Properties: properties([]string{"about", "data"}, func(name string) schema {
			return map[string]schema{"about": about, "data": data}[name]
		}),
	}
}
