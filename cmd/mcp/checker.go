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

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/state"
	"asof/replay/workspace"
)

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
			w := wrong{argument: name, message: "the tool has no such argument", next: "it takes " + strings.Join(names, ", ")}
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
			return "write a list of strings"
		}
	case asEdits:
		return c.edits(name, value)
	default:
		var text string
		if json.Unmarshal(value, &text) != nil {
			return "write a string"
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
			c.wrongs = append(c.wrongs, wrong{name, fmt.Sprintf("%q is not allowed", text), "write one of " + strings.Join(choices, ", "), fault.Near(text, choices, 1)})
		}
	case asPoint, asRange:
		c.point(name, text, p)
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

// point checks a point, or a range where the argument may be one. A range elsewhere, and a
// stream with its point, are right in other arguments.
func (c *checker) point(name, text string, p param) {
	r, err := replay.ParseRange(text, c.env)
	switch {
	case err == nil && (r.Single || p.form == asRange):
	case err == nil:
		c.add(name, "name one point; at of read_events and of blame takes a range, and from and to are its ends elsewhere", "%q is a range", text)
	default:
		if p.form == asPoint {
			_, err = replay.ParsePoint(text, c.env)
		}
		for _, way := range replay.SplitAddress(text)[1:] {
			if _, e := replay.ParseRange(way.At, c.env); e == nil {
				c.wrongs = append(c.wrongs, wrong{name, err.Error(), "write only the point: the stream is a separate argument", []string{way.At}})
				return
			}
		}
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
		c.add("bad", "write bad or good, such as state.total < 0", "bad and good are both missing")
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
