package render

import (
	"strings"

	"asof/inspect/scaffold"
)

// Init prints the contents of a new project. in is its folder.
func (p *Printer) Init(d *scaffold.Draft, in string) {
	if in != "" && !strings.HasSuffix(in, "/") {
		in += "/"
	}
	const col = 9
	p.text(safe("read ") + count(d.Survey.Events, "event", "events"))
	if d.Survey.Looked < d.Survey.Events {
		p.text(safe(" and inspected ") + number(d.Survey.Looked) + " payloads")
	}
	p.newline()
	if d.Survey.Unread > 0 {
		p.text(count(d.Survey.Unread, "payload", "payloads") + " can't be read: the handlers of such types may only count events")
		p.newline()
	}
	if d.Mapped {
		p.text("the store needed a mapping: see " + clean(in) + "asof.toml")
		p.newline()
	}
	p.field("wrote", col, clean(in+"asof.toml"))
	for _, part := range d.Parts {
		what := "streams without a category"
		if part.Name != "" {
			what = part.Name
		}
		p.field("wrote", col, clean(in+part.File)+"  "+clean(what)+": "+count(int64(len(part.Types)), "type", "types"))
	}
	tried := safe("")
	if d.Tried > 1 {
		tried = "  (tried with one of " + integer(int64(d.Tried)) + " streams)"
	}
	for _, part := range d.Parts {
		for _, v := range part.Invariants {
			p.field("holds", col, clean(part.Projection)+": "+clean(v.Name)+tried)
		}
	}
	if d.Survey.LeftOut > 0 {
		p.field("left out", col, count(d.Survey.LeftOut, "event", "events")+" of further categories")
	}
	for _, u := range d.Unsure() {
		p.field("fill in", col, clean(u))
	}
}

// Shell prints a command to type.
func (p *Printer) Shell(line string) {
	p.newline()
	p.put(p.st.strong, "$ "+clean(line))
	p.newline()
}

// Head prints the first lines of a command's output.
func (p *Printer) Head(text string, most int) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if i == most && len(lines) > most+1 {
			p.dim("…")
			p.newline()
			return
		}
		p.text(clean(l))
		p.newline()
	}
}

// Files prints the files of a new project, each under a comment with its name.
func (p *Printer) Files(d *scaffold.Draft) {
	for i, f := range d.Files() {
		mark := safe("# ")
		if i > 0 {
			p.newline()
			mark = "// "
		}
		p.put(p.st.strong, mark+"---- "+clean(f.Name)+" ----")
		p.newline()
		for l := range strings.Lines(f.Text) {
			p.text(clean(strings.TrimSuffix(l, "\n")))
			p.newline()
		}
	}
}
