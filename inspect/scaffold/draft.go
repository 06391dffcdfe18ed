package scaffold

import (
	"slices"
	"strconv"
	"strings"

	"asof/replay"
)

// keptInvariants is the maximum number of invariants per part.
const keptInvariants = 2

// A Store is how the project names and opens the store.
type Store struct {
	Name     string // in the project file
	Path     string // relative to the project file, or a connection string without secrets
	Settings []Setting
	Map      []Setting
}

// A Setting is a key of the store's table and its value.
type Setting struct{ Key, Value string }

// A File is a file of the project.
type File struct{ Name, Text string }

// A Draft is a project being written.
type Draft struct {
	Store  Store
	Survey *Survey
	Parts  []*Part
	Mapped bool // the store was opened with a proposed mapping
	Tried  int  // one in this many streams was folded by the draft; 1: all
}

// New returns the draft of a project.
func New(s *Survey, in Store) *Draft {
	d := &Draft{Store: in, Survey: s, Tried: 1}
	var names, files []string
	for _, c := range s.Categories {
		name := strings.Map(func(r rune) rune {
			if r == '/' || r == '@' {
				return '-'
			}
			return r
		}, replay.Printable(c.Name, 60))
		if name == "" {
			name = "all"
		}
		name = unlike(names, name)
		file := lower(c.Name)
		if file == "" {
			file = "projection"
		}
		file = unlike(files, file[:min(len(file), 60)])
		names, files = append(names, name), append(files, file)
		d.Parts = append(d.Parts, newPart(c, name, file+".js"))
	}
	return d
}

// unlike returns a name that is not taken.
func unlike(taken []string, name string) string {
	first := name
	for n := 2; slices.ContainsFunc(taken, func(t string) bool { return strings.EqualFold(t, name) }); n++ {
		name = first + "_" + strconv.Itoa(n)
	}
	return name
}

// Script returns the projection of a part.
func (d *Draft) Script(p *Part) string { return p.script(d.Store.Path) }

// Part returns the part of a category, or nil.
func (d *Draft) Part(category string) *Part {
	i := slices.IndexFunc(d.Parts, func(p *Part) bool { return p.Name == category })
	if i < 0 {
		return nil
	}
	return d.Parts[i]
}

// Simplify writes a simpler handler for a type that the script failed on: first one
// that only copies the fields, then one that only counts. It reports false if there is
// nothing simpler.
func (p *Part) Simplify(eventType string) bool {
	i := slices.IndexFunc(p.Types, func(t *Type) bool { return t.Name == eventType })
	switch {
	case i < 0 || p.Types[i].bare:
		return false
	case p.Types[i].plain:
		p.Types[i].bare = true
	default:
		p.Types[i].plain = true
	}
	return true
}

// Keep keeps the first invariants of a part that hold, of those about what the script
// sets: any other one holds of nothing. The last one is the weakest and is only kept alone.
func (p *Part) Keep(holds func(Invariant) bool) {
	var kept []Invariant
	script := p.script("")
	unset := func(name string) bool { return !sets(script, name) }
	for i, v := range p.Invariants {
		last := i == len(p.Invariants)-1
		if len(kept) < keptInvariants && !(last && len(kept) > 0) && !slices.ContainsFunc(v.reads, unset) && holds(v) {
			kept = append(kept, v)
		}
	}
	p.Invariants = kept
}

// sets reports whether a script has the member of the state, and not only one whose name
// begins with it.
func sets(script, name string) bool {
	_, after, found := strings.Cut(script, member("s", name))
	for found && after != "" {
		if c := after[0]; !isLetter(c) {
			return true
		}
		_, after, found = strings.Cut(after, member("s", name))
	}
	return false
}

func isLetter(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// Unsure returns the handlers whose code is a guess to review.
func (d *Draft) Unsure() []string {
	var all []string
	for _, p := range d.Parts {
		p.script("") // which finds them
		for _, t := range p.unsure {
			all = append(all, p.File+": "+t)
		}
	}
	return all
}

// Example returns a stream to try the project with, or "".
func (d *Draft) Example() replay.StreamID {
	var most *Part
	for _, p := range d.Parts {
		if most == nil || p.Events > most.Events {
			most = p
		}
	}
	if most == nil {
		return ""
	}
	return most.Example
}

// Files returns the project: asof.toml first, then a script for each part.
func (d *Draft) Files() []File {
	files := []File{{"asof.toml", d.toml()}}
	for _, p := range d.Parts {
		files = append(files, File{p.File, d.Script(p)})
	}
	return files
}

func (d *Draft) toml() string {
	var b strings.Builder
	b.WriteString("# A first project for asof. It is yours to edit; asof help folds shows more.\n\n")
	if len(d.Store.Settings)+len(d.Store.Map) == 0 {
		b.WriteString("[stores]\n" + tomlKey(d.Store.Name) + " = " + text(d.Store.Path) + "\n")
	} else {
		b.WriteString("[stores." + tomlKey(d.Store.Name) + "]\npath = " + text(d.Store.Path) + "\n")
		for _, s := range d.Store.Settings {
			b.WriteString(s.Key + " = " + text(s.Value) + "\n")
		}
		var pairs []string
		for _, s := range d.Store.Map {
			pairs = append(pairs, tomlKey(s.Key)+" = "+text(s.Value))
		}
		if pairs != nil {
			b.WriteString("map = { " + strings.Join(pairs, ", ") + " }\n")
		}
	}
	for _, p := range d.Parts {
		b.WriteString("\n[[projection]]\nname = " + text(p.Projection) + "\n")
		if p.Name == "" {
			b.WriteString("streams = \"*\"\n")
		} else {
			b.WriteString("category = " + text(p.Name) + "\n")
		}
		b.WriteString("fold = " + text(p.File) + "\n")
	}
	for _, p := range d.Parts {
		for _, v := range p.Invariants {
			b.WriteString("\n[[invariant]]\nname = " + text(d.invariantName(p, v)) + "\nprojection = " + text(p.Projection) + "\ngood = " + text(v.Good) + "\n")
		}
	}
	return b.String()
}

// invariantName returns a unique name in the file.
func (d *Draft) invariantName(p *Part, v Invariant) string {
	for _, other := range d.Parts {
		for _, o := range other.Invariants {
			if other != p && o.Name == v.Name {
				return p.Projection + ": " + v.Name
			}
		}
	}
	return v.Name
}

// tomlKey returns a key in TOML.
func tomlKey(name string) string {
	bare := name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
	if bare {
		return name
	}
	return text(name)
}

// Next returns commands to try the project with, as arguments.
func (d *Draft) Next() [][]string {
	if len(d.Parts) == 0 {
		return [][]string{{"info", d.Store.Name}}
	}
	stream := string(d.Example())
	next := [][]string{{"replay", d.Store.Name, stream}, {"blame", d.Store.Name, stream}}
	if slices.ContainsFunc(d.Parts, func(p *Part) bool { return len(p.Invariants) > 0 }) {
		next = append(next, []string{"check", d.Store.Name})
	}
	return next
}
