package project

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/files"
	"asof/replay/fold/exec"
	"asof/replay/place"
	"asof/replay/state"
)

// maxProjectSize and maxSourceSize are the largest asof.toml and script, in bytes.
const (
	maxProjectSize = 1 << 20
	maxSourceSize  = 16 << 20
)

// Load reads an asof.toml and opens none of the files that it names. Its error is an
// [Error].
func Load(path string) (*Project, error) {
	text, err := readFile(path, maxProjectSize)
	if err != nil {
		return nil, &Error{Path: path, Msg: err.Error(), Err: err}
	}
	p, err := parseProject(path, text)
	if err != nil && !mayQuote(path) {
		err = hidden(err)
	}
	return p, err
}

// readFile reads a regular file. Its error does not name the file.
func readFile(path string, limit int64) ([]byte, error) {
	text, err := files.Regular(path, limit)
	var bad *files.Error
	if errors.As(err, &bad) {
		return nil, bad.Err
	}
	return text, err
}

func parseProject(path string, text []byte) (*Project, error) {
	text = []byte(strings.TrimPrefix(string(text), "\ufeff"))
	doc, err := parseToml(path, text)
	if err != nil {
		return nil, err
	}
	p := &Project{Path: path, Dir: filepath.Dir(path)}
	top := &tomlTable{doc: doc, vals: doc.root, fault: &tomlFault{}}
	p.Metadata = readMetadata(top)
	if t := top.table("stores", "[stores]"); t != nil {
		for _, name := range t.sorted() {
			p.Stores = append(p.Stores, p.readStore(t, name))
		}
	}
	names := tomlNames{}
	for _, t := range top.tables("projection") {
		p.Projections = append(p.Projections, p.readProjection(t, names))
	}
	names = tomlNames{}
	for _, t := range top.tables("invariant") {
		p.Invariants = append(p.Invariants, p.readInvariant(t, names))
	}
	top.done()
	if err := top.fault.err(); err != nil {
		return nil, err
	}
	return p, nil
}

// resolve returns a path in the file, which is relative to the file's folder.
func (p *Project) resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return place.Join(p.Dir, filepath.FromSlash(path))
}

// locate returns the location of a store that the file names.
func (p *Project) locate(text string) place.Location { return place.Parse(text).In(p.Dir) }

func readMetadata(in *tomlTable) Metadata {
	t := in.table("metadata", "[metadata]")
	if t == nil {
		return Metadata{}
	}
	m := Metadata{t.pointers("actor"), t.pointers("correlation"), t.pointers("causation")}
	t.done()
	return m
}

// pointers returns the JSON pointers at a key.
func (t *tomlTable) pointers(key string) []string {
	list := t.strs(key)
	_, isList := t.vals[key].([]any)
	for i, s := range list {
		at := t.at.key(key)
		if isList {
			at = at.index(i)
		}
		var e *state.PathError
		if _, err := state.ParsePointer(s); s != "" && errors.As(err, &e) {
			t.fault.add(t.doc.fault(at, fmt.Sprintf("%q is not a JSON pointer: %s", s, e.Reason), `write it as in "/user/id"`))
		}
	}
	return list
}

func (p *Project) readStore(in *tomlTable, name string) *Store {
	s := &Store{Name: name, Metadata: p.Metadata, Line: in.doc.line(in.at.key(name))}
	if strings.TrimSpace(name) == "" || replay.Printable(name, len(name)) != name {
		in.fault.add(in.doc.keyFault(in.at.key(name), fmt.Sprintf("%q is not a valid store name", name), ""))
	}
	if _, ok := in.vals[name].(map[string]any); !ok {
		if _, ok := in.vals[name].(string); !ok {
			in.bad(name, fmt.Sprintf("store %q must be a path or a table, not %s", name, tomlType(in.vals[name])), "")
		}
		s.Location = p.locate(in.str(name))
		return s
	}
	t := in.table(name, "store "+name)
	s.Location = p.locate(t.needed("path", `name its file: path = "shop.db"`))
	s.Dialect, s.Table, s.Query = t.str("dialect"), t.str("table"), t.str("query")
	s.Context, s.Clock = t.str("context"), t.str("clock")
	s.TimeZone = t.str("time_zone")
	s.KeyFile = p.resolve(t.str("key_file"))
	if m := t.table("map", "map"); m != nil {
		s.Map = map[string]string{}
		for _, field := range m.sorted() {
			s.Map[field] = m.str(field)
		}
	}
	own := readMetadata(t)
	for _, f := range []struct{ to, from *[]string }{
		{&s.Metadata.Actor, &own.Actor},
		{&s.Metadata.Correlation, &own.Correlation},
		{&s.Metadata.Causation, &own.Causation},
	} {
		if *f.from != nil {
			*f.to = *f.from
		}
	}
	t.done()
	return s
}

// tomlNames are the names in use, with their lines.
type tomlNames map[string]int

// nameOf reads the name of a table, which must be unique.
func (n tomlNames) nameOf(t *tomlTable, next string) string {
	name := t.needed("name", next)
	at := t.at.key("name")
	if replay.Printable(name, len(name)) != name {
		t.bad("name", fmt.Sprintf("the name %q has characters that cannot be shown", name), "")
	}
	if line, ok := n[name]; ok && name != "" {
		t.bad("name", fmt.Sprintf("a second %s named %q; the first is on line %d", t.name, name, line), "")
	} else {
		n[name] = t.doc.line(at)
	}
	return name
}

func (p *Project) readProjection(t *tomlTable, names tomlNames) *Projection {
	j := &Projection{doc: t.doc, at: t.at, dir: p.Dir, Line: t.doc.keyFault(t.at, "", "").Line, sources: map[string]string{}}
	j.Name = names.nameOf(t, `give it one: name = "cart"`)
	if strings.ContainsAny(j.Name, "/@") {
		t.bad("name", fmt.Sprintf("the name %q has a / or @ in it", j.Name), "proj:NAME/PARTITION@POINT would be ambiguous")
	}
	j.Streams, j.Categories = t.strs("streams"), t.strs("category")
	_, isList := t.vals["streams"].([]any)
	for i, pattern := range j.Streams {
		g, err := compileGlob(pattern)
		if err != nil {
			at := t.at.key("streams")
			if isList {
				at = at.index(i)
			}
			var e *GlobError
			errors.As(err, &e)
			t.fault.add(t.doc.fault(at, err.Error(), e.Remedy().Text))
		}
		j.globs = append(j.globs, g)
	}
	j.readFold(t)
	j.Upcast, j.ArrayKeys = t.strs("upcast"), t.strs("array_key")
	t.done()
	return j
}

func (j *Projection) readFold(t *tomlTable) {
	const forms = `name a .js file, "merge", or a command as "exec:python fold.py"`
	j.Fold = t.needed("fold", forms)
	command, isCommand := strings.CutPrefix(j.Fold, exec.Prefix)
	switch {
	case j.Fold == "", j.Fold == "merge":
		j.Kind = KindMerge
	case isCommand:
		j.Kind = KindCommand
		var err error
		if j.command, err = exec.ParseCommand(command); err != nil {
			t.bad("fold", err.Error(), forms)
		}
	case strings.EqualFold(filepath.Ext(j.Fold), ".js"):
		j.Kind = KindScript
	default:
		near := fault.Near(j.Fold, []string{"merge"}, 1)
		t.unknown("fold", fmt.Sprintf("fold %q is not recognized", j.Fold), near, forms)
	}
}

func (p *Project) readInvariant(t *tomlTable, names tomlNames) *Invariant {
	v := &Invariant{}
	v.Name = names.nameOf(t, `give it one: name = "total is never negative"`)
	have := p.projectionNames()
	v.Projection = t.needed("projection", listed("the projections are ", have))
	if _, err := p.Projection(v.Projection); err != nil && v.Projection != "" {
		next := "the file has no [[projection]]"
		if len(have) > 0 {
			next = listed("the projections are ", have)
		}
		t.unknown("projection", fmt.Sprintf("no projection %q", v.Projection), fault.Near(v.Projection, have, 1), next)
	}
	const forms = `write what is true of a good state (good = "state.total >= 0") or of a bad one (bad = "state.total < 0")`
	_, good := t.vals["good"]
	_, bad := t.vals["bad"]
	v.Good, v.Bad = t.str("good"), t.str("bad")
	switch {
	case good && bad:
		t.bad("bad", t.name+" has both good and bad", forms)
	case good:
		v.Line = t.doc.line(t.at.key("good"))
	case bad:
		v.Line = t.doc.line(t.at.key("bad"))
	default:
		t.fault.miss(t.doc.keyFault(t.at, t.name+" has neither good nor bad", forms))
	}
	t.done()
	return v
}
