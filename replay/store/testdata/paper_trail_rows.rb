# Writes a store with random row histories by PaperTrail, and what the library says of the
# rows at many times:
#
#   ruby paper_trail_rows.rb STORE ANSWERS SEED
#
# One table of versions has YAML with object_changes, the other JSON without.

require "json"
require "active_record"
require "paper_trail"

store, answers, seed = ARGV
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: store)
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  [:widgets, :admin_entries].each do |name|
    create_table name do |t|
      t.string :name
      t.decimal :price, precision: 10, scale: 2
      t.integer :qty, default: 3
      t.boolean :active, default: true
      t.binary :photo
      t.datetime :seen, precision: 6
      t.json :tags
      t.timestamps precision: 6
    end
  end
  create_table :versions do |t|
    t.string :item_type, null: false
    t.bigint :item_id, null: false
    t.string :event, null: false
    t.string :whodunnit
    t.text :object, limit: 1_073_741_823
    t.text :object_changes, limit: 1_073_741_823
    t.datetime :created_at, precision: 6
    t.string :ip
  end
  add_index :versions, %i[item_type item_id]
  create_table :entry_versions do |t|
    t.string :item_type, null: false
    t.bigint :item_id, null: false
    t.string :event, null: false
    t.string :whodunnit
    t.json :object
    t.datetime :created_at, precision: 6
  end
end

# A newer Ruby reads no object of a class without being told to.
module PaperTrail::Serializers::YAML
  def self.load(text) = ::YAML.unsafe_load(text)
end

class EntryVersion < PaperTrail::Version
  self.table_name = :entry_versions
end

class Widget < ActiveRecord::Base
  has_paper_trail
end

module Admin
  class Entry < ActiveRecord::Base
    self.table_name = "admin_entries"
    has_paper_trail versions: { class_name: "EntryVersion" }
  end
end

Models = [[Widget, PaperTrail::Version], [Admin::Entry, EntryVersion]]
rng = Random.new(Integer(seed))
pick = ->(*values) { values[rng.rand(values.size)] }
fill = lambda do |row|
  row.name = pick.(nil, "a", "Ü~/", "yes", ":x", "2026-01-01", "") if rng.rand < 0.6
  row.price = pick.(nil, BigDecimal("1.10"), BigDecimal("-12345678.99"), 0) if rng.rand < 0.6
  row.qty = pick.(nil, 0, 7) if rng.rand < 0.4
  row.active = pick.(true, false, nil) if rng.rand < 0.4
  row.photo = pick.(nil, "\x00\xFF".b, "text".b) if row.is_a?(Widget) && rng.rand < 0.3
  row.seen = pick.(nil, Time.utc(2026, 3, 1, 9, 0, 0, 123456r), Time.utc(2026, 3, 1)) if rng.rand < 0.3
  row.tags = pick.(nil, { "a" => 1 }, [1, nil], "text") if rng.rand < 0.3
end

60.times do
  model, = pick.(*Models)
  ActiveRecord::Base.transaction do
    PaperTrail.request.whodunnit = pick.(nil, "ann", "7")
    id = rng.rand(1..4)
    row = model.find_by(id: id)
    if row.nil?
      row = model.new(id: id)
      fill.(row)
      row.save!
    elsif rng.rand < 0.15
      row.destroy!
    elsif rng.rand < 0.1
      row.touch
    else
      fill.(row)
      row.save!
    end
    raise ActiveRecord::Rollback if rng.rand < 0.1
  end
end

plain = lambda do |v, column|
  # touch records the row after it, so the library shows its time too early.
  next { "any" => true } if column == "updated_at"
  next v.nil? ? v : { "json" => v } if column == "tags"
  case v
  when BigDecimal then { "number" => v.to_s("F") }
  when Time then { "time" => v.utc.strftime("%Y%m%d%H%M%S%6N") }
  when String then column == "photo" ? { "bytes" => [v].pack("m0") } : v
  else v
  end
end

out = []
times = Models.flat_map { |_, versions| versions.pluck(:created_at) }
times.flat_map { |t| [t, t + Rational(rng.rand(-1000..1000), 1_000_000)] }.each do |at|
  rows = {}
  Models.each do |model, versions|
    (1..4).each do |id|
      all = versions.where(item_type: model.name, item_id: id).order(:created_at, :id)
      last = all.where("created_at <= ?", at).last
      next if last.nil? || last.event == "destroy"
      after = all.where("created_at > ?", at).first
      row = after ? after.reify : model.find(id)
      rows["#{model.name}/#{id}"] = row.attributes.to_h { |k, v| [k, plain.(v, k)] }
    end
  end
  out << { dialect: "paper-trail", at: at.utc.iso8601(9), rows: rows }
end
File.write(answers, JSON.dump(out))
