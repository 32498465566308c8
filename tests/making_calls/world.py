"""The small world that the demo models know: its names, its topics and the sentences people say in it.

The models were trained on text made from these lists and know nothing else. A changed list needs models that
were trained anew, and a changed order gives other calls for the same seed.
"""

from typing import NamedTuple


class Topic(NamedTuple):
    """What a call about it may mention."""

    things: tuple[str, ...]
    problems: tuple[str, ...]
    choices: tuple[str, ...]
    places: tuple[str, ...]


NAMES = tuple(
    "Anna Ben Carla David Emma Frank Grace Henry Ivy Jack Karen Leo Maria Nathan Olivia Peter Quinn Rosa Sam "
    "Tina Victor Wendy Amir Priya Chloe Daniel Elena Felix Hannah Isaac Julia Kevin Laura Martin Nina Oscar "
    "Paula Robert Sofia Thomas".split()
)
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
DUE_DATES = (
    *(f"{preposition} {day}" for day in DAYS for preposition in ("by", "on", "before")),
    *("tomorrow", "tomorrow morning", "tonight", "this afternoon", "next week", "by the end of the week"),
    *("by the end of the month", "next month", "in two weeks", "today", "by noon tomorrow"),
)
PAST_TIMES = ("yesterday", "last week", "this morning", "last month", "two days ago")
MONTHS = tuple("January February March April May June July August September October November December".split())
ORDINALS = tuple(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth fifteenth twentieth "
    "thirtieth".split()
)
NUMBERS = tuple(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty "
    "seventy eighty ninety".split()
)
HOURS = tuple("eight nine ten eleven noon one two three four five six".split())

TOPICS = {
    "the website launch": Topic(
        (
            "the new home page",
            "the test results",
            "the launch plan",
            "the customer list",
            "the final design",
            "the product photos",
        ),
        (
            "the payment page is slow",
            "two links are broken",
            "the search box returns no results",
            "the images load slowly on phones",
        ),
        ("launch", "keep the old design", "hire a tester", "move the launch"),
        ("the office", "the main meeting room"),
    ),
    "the kitchen renovation": Topic(
        (
            "the floor plan",
            "the cabinet order",
            "the invoice",
            "the tile samples",
            "the electrician",
            "the paint colors",
        ),
        ("the sink is leaking", "the tiles are late", "the oven does not fit", "the wall is damp"),
        ("order the white cabinets", "use wood floors", "replace the window", "paint the walls green"),
        ("the house", "the kitchen"),
    ),
    "the supply contract": Topic(
        (
            "the contract",
            "the price list",
            "the signed copy",
            "the delivery schedule",
            "the purchase order",
            "the insurance papers",
        ),
        ("the delivery was late again", "the price went up", "three boxes were damaged", "the invoice was wrong"),
        ("renew the contract", "change the supplier", "pay in two parts", "ask for a discount"),
        ("the warehouse", "the factory"),
    ),
    "the family trip": Topic(
        (
            "the tickets",
            "the hotel booking",
            "the passports",
            "the rental car",
            "the train times",
            "the travel insurance",
        ),
        ("the flight was canceled", "the hotel is full", "the car is too small", "the train is delayed"),
        ("take the early train", "stay at the lake hotel", "rent a bigger car", "skip the museum"),
        ("the airport", "the station"),
    ),
    "the doctor visit": Topic(
        (
            "the blood test",
            "the prescription",
            "the medical report",
            "the appointment",
            "the insurance card",
            "the x ray",
        ),
        ("the pain is getting worse", "the medicine makes me tired", "the cough did not stop", "my knee is swollen"),
        ("change the medicine", "do another test", "wait one more week", "start the exercises"),
        ("the clinic", "the hospital"),
    ),
    "the school event": Topic(
        ("the program", "the parent list", "the music", "the food order", "the permission forms", "the decorations"),
        ("the hall is too small", "the speaker is ill", "the sound system is broken", "not enough parents signed up"),
        ("move the event outside", "invite the whole school", "sell tickets at the door", "start one hour earlier"),
        ("the school", "the sports hall"),
    ),
    "the internet problem": Topic(
        ("the router", "the cable", "the modem", "the service report", "the new password", "the refund form"),
        (
            "the connection drops every evening",
            "the red light is on",
            "the download is very slow",
            "the phone line is dead",
        ),
        ("replace the router", "send a technician", "upgrade the plan", "refund one month"),
        ("the apartment", "the store"),
    ),
    "the job opening": Topic(
        (
            "the job offer",
            "the interview notes",
            "the work samples",
            "the job description",
            "the references",
            "the salary table",
        ),
        ("only two people applied", "the salary is too low", "the team is too busy", "the last candidate said no"),
        ("hire the second candidate", "extend the deadline", "raise the salary", "offer remote work"),
        ("the office", "the main building"),
    ),
}

VERBS = ("send", "check", "review", "update", "print", "order", "confirm", "prepare", "collect", "look at")

# In the templates: {me} speaks to {you}; {third} is on neither side.
GREETINGS = (
    "Hi {you}, this is {me}.",
    "Hello {you}, thanks for calling.",
    "Good morning {you}.",
    "Hey {you}, how are you?",
    "Good afternoon {you}, it is {me}.",
    "Hello, this is {me} speaking.",
    "Hi {you}, can you hear me?",
)
REPLIES = (
    "Hi {you}, good to hear from you.",
    "I am fine, thanks.",
    "Hello {you}, I can hear you well.",
    "Good morning, {you}.",
    "Hi {you}, thank you for calling me back.",
    "I am doing well, thank you.",
)
OPENINGS = (
    "I wanted to talk about {topic}.",
    "Let us talk about {topic}.",
    "I am calling about {topic}.",
    "Do you have a minute to discuss {topic}?",
    "We need to talk about {topic}.",
    "Shall we start with {topic}?",
)
PROBLEMS = (
    "The problem is that {problem}.",
    "I am afraid {problem}.",
    "There is a problem, {problem}.",
    "You should know that {problem}.",
    "Our main problem is that {problem}.",
    "Unfortunately {problem}.",
)
FILLERS = (
    "That makes sense.",
    "I see.",
    "Okay, thank you.",
    "I agree with you.",
    "That sounds good.",
    "Can you say that again?",
    "Yes, that works for me.",
    "I am not sure about that.",
    "Let me write that down.",
    "Right, go on.",
    "That is good news.",
    "What do you think?",
    "No problem at all.",
    "Give me one second.",
    "How long will that take?",
    "How much does it cost?",
    "It should take about {number} days.",
    "It costs about {number} hundred dollars.",
    "We have {number} people on it.",
    "The meeting is at {hour} in {place}.",
    "I was at {place} {past}.",
    "The date is the {ordinal} of {month}.",
    "Last time it took {number} hours.",
    "I talked to {third} about it.",
    "{third} asked me the same question.",
    "We still have {number} days left.",
    "I will be at {place} at {hour}.",
    "The budget is {number} thousand dollars.",
)
DECISIONS = (
    "So we decided to {choice}.",
    "Let us {choice}.",
    "Then we agree to {choice}.",
    "Okay, we will {choice}.",
    "The decision is to {choice}.",
)
TAKEN_ON = (
    "I will {verb} {thing} {due}.",
    "I can {verb} {thing} {due}.",
    "Sure, I will {verb} {thing} {due}.",
    "I am going to {verb} {thing} {due}.",
)
ASKED_OF_THE_OTHER = (
    "Can you {verb} {thing} {due}?",
    "Please {verb} {thing} {due}.",
    "{you}, please {verb} {thing} {due}.",
    "Could you {verb} {thing} {due}?",
)
LEFT_TO_A_THIRD = (
    "{third} will {verb} {thing} {due}.",
    "I asked {third} to {verb} {thing} {due}.",
    "{third} is going to {verb} {thing} {due}.",
)
FAREWELLS = (
    "Thanks {you}, goodbye.",
    "Talk to you soon.",
    "Have a nice day, {you}.",
    "Bye for now.",
    "Thank you, see you {day}.",
)
