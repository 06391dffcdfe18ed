package mcp

import (
	"encoding/json"

	"asof/inspect/ask"
	"asof/inspect/whatif"
	"asof/replay"
)

// A form is what an argument has to be.
type form uint8

const (
	asText form = iota
	asChoice
	asPoint
	asRange
	asTime
	asPath
	asExpression
	asFold
	asRegexp
	asPattern // a prefix or a glob
	asTexts
	asNumber
	asFlag
	asEdits
)

// A param is an argument of tools. It means the same in all of them.
type param struct {
	form    form
	about   string
	choices []string
	least   int // of a number
}

// params are all arguments that tools take.
var params = map[string]param{
	"store":        {form: asChoice, about: "which store"},
	"stream":       {about: "stream id or unique prefix, id:EVENT or proj:NAME[/PARTITION]; @POINT may follow"},
	"other_stream": {about: "compare with this stream, at to"},
	"at":           {form: asPoint, about: "point; default head"},
	"range":        {form: asRange, about: "point or A..B (after A, up to B)"},
	"from":         {form: asPoint, about: "earlier point; default start"},
	"diff_from":    {form: asPoint, about: "earlier point; default one event before to; with other_stream: head"},
	"to":           {form: asPoint, about: "later point; default head"},
	"changed_path": {form: asPath, about: "only events that changed this path, or below it"},
	"path":         {form: asPath, about: "only this part of the state: /items/0 or /items[sku=a]"},
	"payload_path": {form: asPath, about: "show only this part of each payload"},
	"fold":         {form: asFold, about: "fold by this JavaScript over s and e, or merge"},
	"projection":   {about: "fold by this projection"},
	"bad":          {form: asExpression, about: "JavaScript over state and event, true if bad: state.total < 0"},
	"good":         {form: asExpression, about: "instead of bad: true if good"},
	"where_state":  {form: asExpression, about: "JavaScript over state as of at: state.total < 0"},
	"where":        {form: asExpression, about: "JavaScript over event: event.data.qty > 3"},
	"grep":         {form: asRegexp, about: "regular expression on type and payload"},
	"pattern":      {form: asPattern, about: "id prefix, or glob with * ?"},
	"categories":   {form: asTexts, about: "only these"},
	"types":        {form: asTexts, about: "only these event types"},
	"since":        {form: asTime, about: "only from this time on"},
	"until":        {form: asTime, about: "only up to this time"},
	"sort":         {form: asChoice, about: "order", choices: []string{"id", "events", "first", "last"}},
	"newest_first": {form: asFlag, about: "reverse the order"},
	"changes":      {form: asFlag, about: "with what each event changed in the state"},
	"history":      {form: asFlag, about: "every event that set path, newest first"},
	"removed":      {form: asFlag, about: "what was removed, and by which event"},
	"why":          {form: asFlag, about: "what path was computed from: inputs that matter, tried with earlier values, and who set them"},
	"edits":        {form: asEdits, about: "what would be different, in this order; nothing is written"},
	"sql":          {about: "SELECT stream, total FROM cart WHERE total < 0"},
	"tables":       {form: asFlag, about: "list the tables instead"},
	"limit":        {form: asNumber, about: "at most this many rows", least: 1},
	"cursor":       {about: "from about.next"},
	"offset":       {form: asNumber, about: "skip this many rows, or members of the value at path"},
}

// arguments are the arguments of a call, by the names in [params].
type arguments struct {
	Store       string   `json:"store"`
	Stream      string   `json:"stream"`
	OtherStream string   `json:"other_stream"`
	At          string   `json:"at"`
	From        string   `json:"from"`
	To          string   `json:"to"`
	Path        string   `json:"path"`
	PayloadPath string   `json:"payload_path"`
	Fold        string   `json:"fold"`
	Projection  string   `json:"projection"`
	Bad         string   `json:"bad"`
	Good        string   `json:"good"`
	WhereState  string   `json:"where_state"`
	Where       string   `json:"where"`
	Grep        string   `json:"grep"`
	Pattern     string   `json:"pattern"`
	Categories  []string `json:"categories"`
	Types       []string `json:"types"`
	Since       string   `json:"since"`
	Until       string   `json:"until"`
	Sort        string   `json:"sort"`
	NewestFirst bool     `json:"newest_first"`
	Changes     bool     `json:"changes"`
	History     bool     `json:"history"`
	Removed     bool     `json:"removed"`
	Why         bool     `json:"why"`
	SQL         string   `json:"sql"`
	Tables      bool     `json:"tables"`
	Edits       []edit   `json:"edits"`
	Limit       int      `json:"limit"`
	Cursor      string   `json:"cursor"`
	Offset      int      `json:"offset"`
}

// An edit is one way in which history would be different: that of [ask.Edit], without
// files.
type edit struct {
	Kind    string          `json:"kind"`
	Version *int64          `json:"version,omitempty"`
	Events  string          `json:"events,omitempty"`
	First   bool            `json:"first,omitempty"`
	Other   int64           `json:"other,omitempty"`
	Path    string          `json:"path,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"`
	Event   json.RawMessage `json:"event,omitempty"`
}

func (e edit) ask() ask.Edit {
	one := ask.Edit{Kind: whatif.EditKind(e.Kind), Events: e.Events, First: e.First, Other: replay.Version(e.Other), Path: e.Path, Value: e.Value, Event: e.Event}
	if e.Version != nil {
		one.Version = replay.Version(*e.Version)
	}
	return one
}
