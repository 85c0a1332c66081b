#include "net/http/decode_collection.hpp"

#include "core/payload/text_analyzer.hpp"
#include "net/http/decode_common.hpp"
#include "net/http/settings.hpp"

namespace grape::http {

namespace {

constexpr setting index_settings[] = {
  {"lookup", setting_kind::flag},        {"range", setting_kind::flag},
  {"is_principal", setting_kind::flag},  {"is_tenant", setting_kind::flag},
  {"prefix", setting_kind::flag},        {"on_disk", setting_kind::flag},
  {"memory", setting_kind::placement},   {"enable_hnsw", setting_kind::flag},
};

constexpr setting text_settings[] = {
  {"min_token_len", setting_kind::whole},  {"max_token_len", setting_kind::whole},
  {"lowercase", setting_kind::flag},       {"ascii_folding", setting_kind::flag},
  {"phrase_matching", setting_kind::flag}, {"on_disk", setting_kind::flag},
  {"memory", setting_kind::placement},     {"enable_hnsw", setting_kind::flag},
};

/// Keeps the parameters of a text index as given, once it is clear that they make one.
void read_text_settings(const node& of, payload::object& into) {
  const auto cut = of.field("tokenizer"); // Shown again whether it was asked for or not.
  if (cut)
    (void)cut->variant({"prefix", "whitespace", "word", "multilingual"});
  into.set("tokenizer", cut ? cut->value().tree() : payload::value{"word"});
  read_settings(of, text_settings, into);
  for (const auto* name : {"stopwords", "stemmer"})
    if (const auto given = of.field(name))
      into.set(name, given->value().tree());
  if (const auto options = payload::read_text_options(into); !options)
    of.malformed(options.error().detail);
}

std::optional<field_type> read_field_type(const node& of) {
  constexpr field_type types[] = {field_type::keyword,  field_type::integer, field_type::floating,
                                  field_type::boolean,  field_type::geo,     field_type::text,
                                  field_type::datetime, field_type::uuid};
  const auto which = of.variant(
    {"keyword", "integer", "float", "bool", "geo", "text", "datetime", "uuid"});
  return which < std::size(types) ? std::optional{types[which]} : std::nullopt;
}

bool is_false(const payload::object& params, std::string_view name) {
  const auto* found = params.find(name);
  return found != nullptr && *found == payload::value{false};
}

field_schema read_field_schema(const node& of) {
  field_schema out;
  if (of.is(json::kind::string)) {
    out.type = read_field_type(of).value_or(out.type);
    return out;
  }
  if (!of.is(json::kind::object)) {
    of.malformed("data did not match any variant of untagged enum PayloadFieldSchema");
    return out;
  }
  payload::object params;
  if (const auto type = of.need("type")) {
    out.type = read_field_type(*type).value_or(out.type);
    params.set("type", type->value().tree());
  }
  if (out.type == field_type::text)
    read_text_settings(of, params);
  else
    read_settings(of, index_settings, params);
  if (out.type == field_type::integer && is_false(params, "lookup") && is_false(params, "range"))
    of.broken_rule("the 'lookup' and 'range' capabilities can't be both disabled", "__all__");
  out.params = std::move(params);
  return out;
}

std::string need_text(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? found->text() : std::string();
}

std::optional<alias_action> read_alias_action(const node& of) {
  if (const auto create = of.field("create_alias"))
    return grape::create_alias{need_text(*create, "collection_name"),
                               need_text(*create, "alias_name")};
  if (const auto gone = of.field("delete_alias"))
    return grape::delete_alias{need_text(*gone, "alias_name")};
  if (const auto rename = of.field("rename_alias"))
    return grape::rename_alias{need_text(*rename, "old_alias_name"),
                               need_text(*rename, "new_alias_name")};
  of.malformed("data did not match any variant of untagged enum AliasOperations");
  return std::nullopt;
}

} // namespace

outcome<create_field_index_request> decode_create_field_index(std::string& body) {
  return decode_body<create_field_index_request>(body, {}, [](const node& of) {
    create_field_index_request out;
    if (const auto name = of.need("field_name"))
      out.field = read_path(*name);
    if (const auto schema = of.field("field_schema", "field_type"))
      out.schema = read_field_schema(*schema);
    else
      of.refuse(errc::bad_request,
                "Can't auto-detect field type, please specify `field_schema` in the request");
    return out;
  });
}

outcome<change_aliases_request> decode_change_aliases(std::string& body) {
  return decode_body<change_aliases_request>(body, {}, [](const node& of) {
    change_aliases_request out;
    if (const auto actions = of.need("actions"))
      actions->each_item([&](const node& item) {
        if (auto action = read_alias_action(item))
          out.actions.push_back(std::move(*action));
      });
    return out;
  });
}

} // namespace grape::http
