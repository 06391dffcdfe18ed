package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"asof/inspect/ask"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/state"
	"asof/replay/workspace"
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
	"stream":       {about: "stream id or unique prefix; proj:NAME[/PARTITION]"},
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
	"limit":        {form: asNumber, about: "rows at most", least: 1},
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

// A wrong is one thing that is wrong with the arguments of a call.
type wrong struct {
	argument, message, next string
	near                    []string
}

// A checker checks the arguments of one call.
type checker struct {
	tool   *tool
	server *Server
	raw    map[string]json.RawMessage
	env    replay.Env
	limits js.Limits
	wrongs []wrong
}

func (c *checker) add(name, next, format string, args ...any) {
	c.wrongs = append(c.wrongs, wrong{argument: name, message: fmt.Sprintf(format, args...), next: next})
}

// addError adds an error of a package that asof has, with its advice.
func (c *checker) addError(name string, err error) {
	r := fault.RemedyOf(err)
	c.wrongs = append(c.wrongs, wrong{argument: name, message: err.Error(), next: adviceOf(r), near: r.Near})
}

// check returns the arguments of a call, or all that is wrong with them.
func (s *Server) check(ctx context.Context, t *tool, raw json.RawMessage) (arguments, []wrong) {
	var a arguments
	c := &checker{tool: t, server: s, env: s.space.Env(), limits: s.space.ScriptLimits()}
	c.limits.Ended = ctx.Err
	if len(raw) > 0 && string(raw) != "null" {
		if err := json.Unmarshal(raw, &c.raw); err != nil {
			c.add("", "write an object with the arguments of the tool", "the arguments are not a JSON object")
			return a, c.wrongs
		}
	}
	names := s.takes(t)
	for name, value := range c.raw {
		if !slices.Contains(names, name) {
			w := wrong{argument: name, message: "the tool does not take it", next: "it takes " + strings.Join(names, ", ")}
			if near := fault.Near(name, names, 1); len(near) > 0 {
				w.near = near
			}
			c.wrongs = append(c.wrongs, w)
			delete(c.raw, name)
		} else if isNothing(value) {
			delete(c.raw, name)
		}
	}
	for _, name := range names {
		if value, ok := c.raw[name]; ok {
			if err := c.one(name, value); err != "" {
				c.add(name, "", "%s", err)
				delete(c.raw, name)
			}
		} else if s.needs(t, name) {
			c.add(name, t.param(name).about, "it is missing")
		}
	}
	slices.SortStableFunc(c.wrongs, func(a, b wrong) int { return strings.Compare(a.argument, b.argument) })
	rest, err := json.Marshal(c.raw)
	if err == nil {
		err = json.Unmarshal(rest, &a)
	}
	if err != nil && len(c.wrongs) == 0 {
		c.add("", "", "the arguments cannot be read: %v", err)
	}
	if len(c.wrongs) == 0 && t.check != nil {
		t.check(&a, c)
	}
	a.Limit = min(max(a.Limit, 0), s.o.MaxRows)
	if a.Limit == 0 {
		a.Limit = s.o.MaxRows
	}
	return a, c.wrongs
}

// isNothing reports whether an argument says nothing: models often give null or "" for
// what they leave out.
func isNothing(v json.RawMessage) bool { return string(v) == "null" || string(v) == `""` }

// one checks one argument. What is wrong with its type is returned, what is wrong with
// its content is added.
func (c *checker) one(name string, value json.RawMessage) string {
	p := c.tool.param(name)
	if p.form != asEdits && state.HasHalf(textsOf(value)) {
		return "leave out half of a surrogate pair: an argument cannot hold it"
	}
	switch p.form {
	case asFlag:
		var b bool
		if json.Unmarshal(value, &b) != nil {
			return "write true or false"
		}
	case asNumber:
		return c.number(name, value, p)
	case asTexts:
		var all []string
		if json.Unmarshal(value, &all) != nil {
			return "write a list of texts"
		}
	case asEdits:
		return c.edits(name, value)
	default:
		var text string
		if json.Unmarshal(value, &text) != nil {
			return "write a text"
		}
		c.text(name, text, p)
	}
	return ""
}

// textsOf returns the text of an argument, or those of a list.
func textsOf(value json.RawMessage) string {
	v, err := state.Parse(value)
	if err != nil {
		return ""
	}
	all := v.Text()
	if v.Kind() == state.Array {
		for _, one := range v.Node().Elems() {
			all += one.Text() + " "
		}
	}
	return all
}

func (c *checker) number(name string, value json.RawMessage, p param) string {
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil || n != math.Trunc(n) {
		return "write a whole number"
	}
	if n < float64(p.least) || n > 1e12 {
		return fmt.Sprintf("write a number from %d on", p.least)
	}
	c.raw[name] = json.RawMessage(strconv.FormatInt(int64(n), 10))
	return ""
}

// maxText bounds an argument, in bytes: nobody writes a longer expression, and the parser
// of a script is recursive.
const maxText = 16 << 10

func (c *checker) text(name, text string, p param) {
	if len(text) > maxText {
		c.add(name, fmt.Sprintf("write at most %d bytes", maxText), "it is too long")
		return
	}
	var err error
	switch p.form {
	case asChoice:
		choices := p.choices
		if name == "store" {
			choices = c.server.names()
		}
		if !slices.Contains(choices, text) {
			c.wrongs = append(c.wrongs, wrong{name, fmt.Sprintf("%q is not one of them", text), "write one of " + strings.Join(choices, ", "), fault.Near(text, choices, 1)})
		}
	case asPoint:
		_, err = replay.ParsePoint(text, c.env)
	case asRange:
		_, err = replay.ParseRange(text, c.env)
	case asTime:
		_, err = workspace.ParseTime(name, text, c.env)
	case asPath:
		_, err = state.ParsePath(text)
	case asExpression:
		_, err = js.CompilePredicate(text, name, c.limits)
	case asFold:
		if kind := fold.ParseSource(text).Kind; kind == fold.KindFile || kind == fold.KindCommand {
			c.add(name, "write JavaScript over s and e, such as s.n = (s.n ?? 0) + 1, or name a projection", "files and commands cannot be named here")
		} else if kind == fold.KindInline {
			_, err = js.LoadInline(name, text, c.limits)
		}
	case asRegexp:
		_, err = regexp.Compile(text)
	case asPattern:
		if project.IsGlob(text) {
			_, err = project.Glob(text)
		}
	}
	if err != nil {
		c.addError(name, err)
	}
}

func (c *checker) edits(name string, value json.RawMessage) string {
	var all []json.RawMessage
	if json.Unmarshal(value, &all) != nil {
		return "write a list of edits"
	}
	if len(all) == 0 {
		return "write at least one edit"
	}
	for i, raw := range all {
		var one edit
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.DisallowUnknownFields()
		at := fmt.Sprintf("%s[%d]", name, i)
		if err := d.Decode(&one); err != nil {
			c.add(at, editForm, "%v", err)
			return ""
		}
		if one.Version == nil && one.Events == "" && !one.First {
			c.add(at, editForm, "it names no version")
		} else if err := one.ask().Check(); err != nil {
			c.addError(at, err)
		}
	}
	return ""
}

const editForm = `{"kind":"drop","version":12}, {"kind":"drop","events":"3..5"}, {"kind":"set","version":12,"path":"/data/qty","value":1}, ` +
	`{"kind":"insert","version":12,"event":{"type":"T","data":{}}} or {"kind":"swap","version":12,"other":13}`

// condition checks that a condition is given in one of two ways.
func condition(a *arguments, c *checker) {
	if a.Bad == "" && a.Good == "" {
		c.add("bad", "write bad or good, such as state.total < 0", "which states are bad is not said")
	}
	oneCondition(a, c)
}

func oneCondition(a *arguments, c *checker) {
	if a.Bad != "" && a.Good != "" {
		c.add("good", "give one of them", "both bad and good are given")
	}
	oneFold(a, c)
}

func oneFold(a *arguments, c *checker) {
	if a.Fold != "" && a.Projection != "" {
		c.add("fold", "give one of them", "both fold and projection are given")
	}
}
