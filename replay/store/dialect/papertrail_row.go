package dialect

import (
	"cmp"
	"errors"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/rowdoc"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Where the third part of a version, which it may not have, is from. The document follows it.
const (
	trailNext = "n" // the next version: the row before it
	trailLive = "l" // the live row, if there is no next version
	trailOwn  = "o" // nowhere: only what the version itself records is asked for
)

// A trailDecoder makes the row after a version of what PaperTrail records: the row before
// it, what changed, and the row before the next version or the live row.
type trailDecoder struct {
	names [2]cell.Interner
	docs  rowDocuments
	merge rowdoc.Merger
	parts [3][]byte
	from  [2][]byte
	out   []byte
}

func (d *trailDecoder) Classify(r *table.Row, e *replay.Event) error {
	return classifyRow(r, e, &d.names)
}

// partsOf returns the texts of a payload, into out from its start. A text that is none is nil.
func partsOf(r *table.Row, out [][]byte) ([][]byte, error) {
	if len(r.Parts) == 0 {
		return cell.SplitTexts(r.At(source.Data).Text(), out)
	}
	out = out[:0]
	for i := range r.Parts {
		out = append(out, r.Parts[i].OrNil())
	}
	return out, nil
}

// classifyRow reads the type and the category of a row's version.
func classifyRow(r *table.Row, e *replay.Event, names *[2]cell.Interner) error {
	var err error
	if e.Type, err = table.TextOf(r, source.Type, &names[0]); err != nil {
		return err
	}
	e.Category, err = table.TextOf(r, source.Category, &names[1])
	return err
}

func (d *trailDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 {
		return nil
	}
	parts, err := partsOf(r, d.parts[:])
	if err != nil || len(parts) != len(d.parts) {
		return cmp.Or(err, errors.New("not the three parts of a version"))
	}
	before, changes, fill := parts[0], parts[1], []byte(nil)
	from := ""
	if parts[2] != nil {
		if parts, err = cell.SplitTexts(parts[2], d.from[:]); err != nil || len(parts) != len(d.from) {
			return cmp.Or(err, errors.New("not the place and the document of a row"))
		}
		from, fill = string(parts[0]), parts[1]
	}
	created, deleted := e.Type == table.RowInsert, e.Type == table.RowDelete
	if d.merged(e, created, deleted, before, changes, fill) {
		return nil
	}
	var docs [3]rowdoc.Doc
	for i, p := range [...][]byte{before, changes, fill} {
		if p == nil {
			continue
		}
		if docs[i], e.Opaque = d.docs.parse(p); e.Opaque != "" {
			return nil
		}
	}
	next, live := docs[2], rowdoc.Doc{}
	if from != trailNext {
		next, live = live, next
	}
	var row rowdoc.Doc
	row, e.Opaque = rowdoc.After(created, deleted, docs[0], docs[1], next, from == trailNext, live)
	switch {
	case from == trailOwn && e.Opaque != "":
		e.Opaque = "the version does not record the row after it"
	case e.Opaque == "":
		d.out = row.Append(d.out[:0])
		e.Data = d.out
	}
	return nil
}

// merged makes the row after a version from documents of JSON, and reports whether they are
// of the usual form. fill is the row after it, if that is known.
func (d *trailDecoder) merged(e *replay.Event, created, deleted bool, before, changes, fill []byte) bool {
	switch {
	case deleted && before == nil || !deleted && changes == nil:
		return false
	case deleted:
		changes = nil
	case created && before == nil:
		before = fill
	}
	out, ok := d.merge.After(before, changes)
	if ok {
		e.Data = out
	}
	return ok
}

// rowDocuments parses rows and their changes in YAML or JSON.
type rowDocuments struct{ yaml rubyYAML }

func (d *rowDocuments) parse(doc []byte) (rowdoc.Doc, string) {
	if isYAML(doc) {
		var opaque string
		if doc, opaque = d.yaml.json(doc); opaque != "" {
			return rowdoc.Doc{}, opaque
		}
	}
	return rowdoc.Parse(doc)
}
