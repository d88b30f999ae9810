"""What other servers of Firestore cannot do, case by case, when the suite runs against one.

`FIRESTORE_EMULATOR_NAME` in the environment says which it is: `official`, Google's own, unless told
otherwise, or `npm`, the package `@firestore-emulator/server` 0.3.15, against which this was tried.
"""

from collections.abc import Iterator
from typing import Final

NAME_VARIABLE: Final = "FIRESTORE_EMULATOR_NAME"

_NO_INDEXES = "it answers without an index"
_OFFICIAL: Final[dict[str, str]] = {
    # https://firebase.google.com/docs/emulator-suite/connect_firestore#how_the_emulator_differs
    "test_a_query_over_several_fields_needs_a_composite_index": _NO_INDEXES,
    "test_a_field_that_is_exempt_cannot_be_asked_for": _NO_INDEXES,
    "test_a_watch_says_that_an_index_is_missing": _NO_INDEXES,
}
_NPM: Final[dict[str, str]] = _OFFICIAL | {
    "test_a_commit_that_fails_leaves_nothing": "a commit that fails does a part of it",
    "test_a_document_that_appears_is_noticed": "transactions are not isolated",
    "test_a_group_is_watched": "it finds nothing in collection groups",
    "test_a_merge_changes_the_leaves_given": "it deletes no fields and merges no deeper maps",
    "test_a_precondition_on_a_missing_document_fails": "it takes any update time",
    "test_a_query_that_would_find_more_is_noticed": "transactions are not isolated",
    "test_a_transform_works_on_nothing": "it transforms no field that is not there",
    "test_a_transform_works_on_what_is_there": "it mixes up types and the ends of 64 bits",
    "test_a_value_comes_back_as_it_went_in": "large integers lose their last digits",
    "test_a_value_that_no_engine_takes_is_refused": "it takes documents of any size",
    "test_a_walk_begins_and_ends_at_any_place": "it knows no cursors and no groups",
    "test_a_place_need_not_be_there": "it knows no cursors and no groups",
    "test_a_write_of_an_outdated_document_is_refused": "it takes any update time",
    "test_a_write_that_changes_nothing_leaves_the_update_time": "every write is a change",
    "test_an_operator_finds_what_it_means": "it mixes up types, null and nested fields",
    "test_an_update_changes_the_fields_named": "it deletes no fields and makes no maps",
    "test_collections_keep_apart_and_groups_join": "it finds nothing in collection groups",
    "test_commit_times_grow_across_handles": "its times have milliseconds",
    "test_conditions_join": "it orders nothing within equal fields",
    "test_counting_and_adding_up": "it counts no groups and adds up no maps",
    "test_cursors_begin_and_end_where_they_say": "it knows no cursors",
    "test_losing_too_often_is_contention": "transactions are not isolated",
    "test_many_counters_count_right": "transactions are not isolated",
    "test_pages_join_without_gap_or_repeat": "it knows no cursors: the pages never end",
    "test_pages_join_without_gaps": "it knows no cursors: the pages never end",
    "test_queries_agree_with_the_model": "it mixes up types, null and nested fields",
    "test_reads_alone_are_checked_too": "transactions are not isolated",
    "test_the_document_id_filters_and_orders": "it filters by no document id",
    "test_the_servers_time_is_the_commits_everywhere": "each write has a time of its own",
    "test_they_are_counted": "it finds nothing in collection groups",
    "test_ties_fall_back_to_the_id_in_the_last_direction": "it orders nothing within ties",
    "test_two_orders": "it orders documents that lack the field",
    "test_values_of_all_types_have_one_order": "it has no order across types",
    "test_watches_keep_up_with_any_order_of_writes": "a watch by a nested field ends the server",
}
_BY_NAME: Final = {"official": _OFFICIAL, "npm": _NPM}


def shortcoming(server: str, test: str) -> str:
    """Return why a server cannot pass a test function; empty when it should."""
    return _BY_NAME[server].get(test, "")


def every_test() -> Iterator[str]:
    """Yield each test function that is named here."""
    for tests in _BY_NAME.values():
        yield from tests
