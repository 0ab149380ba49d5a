"""The parts of a topic's page: the frame, its views, and the charts, tables and controls on them."""

from pages.ui.chart import chart, look
from pages.ui.computed import computed
from pages.ui.controls import control, controls, plain
from pages.ui.gallery import Row, gallery
from pages.ui.job_panel import Task, jobs, show_job, show_others
from pages.ui.lanes import choose_lanes
from pages.ui.lesson import choose_preset, lesson, named, tells
from pages.ui.number_box import number_box
from pages.ui.page import say_finding, show, switch
from pages.ui.page_state import PageState
from pages.ui.table import Column, table
from pages.ui.takeaway import take_away
from pages.ui.views import Page, View

__all__ = [
    "Column",
    "Page",
    "PageState",
    "Row",
    "Task",
    "View",
    "chart",
    "choose_lanes",
    "choose_preset",
    "computed",
    "control",
    "controls",
    "gallery",
    "jobs",
    "lesson",
    "look",
    "named",
    "number_box",
    "plain",
    "say_finding",
    "show",
    "show_job",
    "show_others",
    "switch",
    "table",
    "take_away",
    "tells",
]
