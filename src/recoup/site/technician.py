"""Tells Django of the admin for technicians, at /technician/; others have their own pages."""

from django.contrib.admin.apps import AdminConfig


class TechnicianConfig(AdminConfig):
    """Django's admin with the site's own door."""

    default_site = "recoup.site.technician_site.TechnicianSite"
