package format

import "encoding/binary"

// indexes writes the indexes of the pages: first those of values, then those of places.
func (w *Writer) indexes() error {
	for _, g := range w.groups {
		for i := range g.chunks {
			c := &g.chunks[i]
			if c.bounds.none {
				continue
			}
			c.index = w.at
			if err := w.write(c.valueIndex()); err != nil {
				return err
			}
			c.indexLen = w.at - c.index
		}
	}
	for _, g := range w.groups {
		for i := range g.chunks {
			c := &g.chunks[i]
			c.places = w.at
			if err := w.write(c.placeIndex()); err != nil {
				return err
			}
			c.placLen = w.at - c.places
		}
	}
	return nil
}

// valueIndex is the least and the greatest value of each page.
func (c *chunk) valueIndex() []byte {
	var e encoder
	e.begin()
	e.list(1, kindTrue, len(c.pages))
	for i := range c.pages {
		e.b = append(e.b, boolKind(!c.pages[i].bounds.some))
	}
	var least, most []string
	for i := range c.pages {
		low, high := "", "" // of a page of NULLs
		if c.pages[i].bounds.some {
			low, high = c.pages[i].bounds.stored()
		}
		least, most = append(least, low), append(most, high)
	}
	for i, all := range [][]string{least, most} {
		e.list(int16(2+i), kindBinary, len(all))
		for _, one := range all {
			e.element(one)
		}
	}
	e.int32(4, 0) // in no order
	e.list(5, kindInt64, len(c.pages))
	for i := range c.pages {
		e.b = binary.AppendVarint(e.b, c.pages[i].bounds.nulls)
	}
	e.end()
	return e.b
}

// placeIndex is where the pages are.
func (c *chunk) placeIndex() []byte {
	var e encoder
	e.begin()
	e.structs(1, len(c.pages), func(i int) {
		p := c.pages[i]
		e.int64(1, c.at+p.at)
		e.int32(2, p.size)
		e.int64(3, p.firstRow)
	})
	e.end()
	return e.b
}

// footer writes what is in the file, and where.
func (w *Writer) footer() error {
	rows := int64(0)
	for _, g := range w.groups {
		rows += g.rows
	}
	var e encoder
	e.begin()
	e.int32(1, 2)
	e.structs(2, len(w.fields)+1, func(i int) { e.schema(w.fields, i) })
	e.int64(3, rows)
	e.structs(4, len(w.groups), func(i int) { e.group(w.fields, w.groups[i], i) })
	e.structs(5, len(w.about), func(i int) {
		e.text(1, w.about[i].Key)
		e.text(2, w.about[i].Text)
	})
	e.text(6, "asof version (build )")
	e.structs(7, len(w.fields), func(int) { e.structure(1, func() {}) }) // in the order of its type
	e.end()
	out := binary.LittleEndian.AppendUint32(e.b, uint32(len(e.b)))
	return w.write(append(out, magic...))
}

// schema writes the root, or a column.
func (e *encoder) schema(fields []Field, i int) {
	const required, optional = 0, 1
	if i == 0 {
		e.int32(3, required)
		e.text(4, "asof")
		e.int32(5, int64(len(fields)))
		return
	}
	f := fields[i-1]
	e.int32(1, f.Type.physical())
	e.int32(3, optional)
	e.text(4, f.Name)
	switch f.Type {
	case Int64:
		e.int32(6, 18)
		e.structure(10, func() {
			e.structure(10, func() {
				e.byte(1, 64)
				e.bool(2, true)
			})
		})
	case Text:
		e.int32(6, 0)
		e.structure(10, func() { e.structure(1, func() {}) })
	}
}

func (e *encoder) group(fields []Field, g group, ordinal int) {
	size, long := int64(0), int64(0)
	for i := range g.chunks {
		size, long = size+g.chunks[i].size, long+g.chunks[i].long
	}
	e.structs(1, len(g.chunks), func(i int) { e.chunk(fields[i], g.rows, &g.chunks[i]) })
	e.int64(2, long)
	e.int64(3, g.rows)
	e.int64(5, g.at)
	e.int64(6, size)
	if ordinal < 1<<15 {
		e.int16(7, int64(ordinal))
	}
}

func (e *encoder) chunk(f Field, rows int64, c *chunk) {
	e.int64(2, 0)
	e.structure(3, func() {
		e.int32(1, f.Type.physical())
		e.list(2, kindInt32, 2)
		e.b = binary.AppendVarint(e.b, f.Type.encoding())
		e.b = binary.AppendVarint(e.b, levelEncoding)
		e.list(3, kindBinary, 1)
		e.element(f.Name)
		e.int32(4, codecZstd)
		e.int64(5, rows)
		e.int64(6, c.long)
		e.int64(7, c.size)
		e.int64(9, c.at)
		e.structure(12, func() {
			e.int64(3, c.bounds.nulls)
			if c.bounds.exact() {
				least, most := c.bounds.stored()
				e.text(5, most)
				e.text(6, least)
			}
		})
		e.structs(13, 1, func(int) {
			e.int32(1, pageData2)
			e.int32(2, f.Type.encoding())
			e.int32(3, int64(len(c.pages)))
		})
	})
	e.int64(4, c.places)
	e.int32(5, c.placLen)
	if c.indexLen > 0 {
		e.int64(6, c.index)
		e.int32(7, c.indexLen)
	}
}
